/** Puts the parts together: watches one media element and reports what is played. */
import type { Refusal } from "./calls";
import { browserClock, type Cancel, type Clock } from "./clock";
import { randomId } from "./ids";
import type { Outbox } from "./outbox";
import { Playback } from "./playback";
import { type Report, type ReportKind, toReport } from "./report";
import { Resume } from "./resume";
import { createSampler, type Sampler, type Signal } from "./sampler";
import { type Attempt, Schedule } from "./schedule";
import type { Transport } from "./transport";
import { type TrackerView, viewOf } from "./view";

export const HEARTBEAT_SECONDS = 10;
/** Dragging the playhead ends one seek after another; the last one counts. */
export const SEEK_SETTLE_SECONDS = 0.5;
/** So much a browser that is killed may lose, and the time its last write takes. */
export const KEEP_SECONDS = 1;

export interface TrackerOptions {
  videoId: string;
  /** Names this browser; it must stay the same between visits. */
  deviceId: string;
  transport: Transport;
  /** Takes every report first, so that none is lost with its page. */
  outbox?: Outbox;
  /** Where to start. Nothing is reported before the player has arrived there. */
  resumeAtSeconds?: number;
  /** The length to show until the media itself tells. */
  expectedDurationSeconds?: number;
  onStored?: (report: Report) => void;
  /** The service said no for good; trying again would not help. */
  onRefused?: (refusal: Refusal) => void;
  /** The token is not accepted. Resolve to true when a fresh one is in place. */
  onUnauthenticated?: () => Promise<boolean>;
  clock?: Clock;
  random?: () => number;
}

/** Report what `element` plays until `detach` is called. */
export function trackProgress(element: HTMLMediaElement, options: TrackerOptions): Tracker {
  return new Tracker(createSampler(element), options);
}

export class Tracker {
  readonly sessionId = randomId();
  #sampler: Sampler;
  #options: TrackerOptions;
  #clock: Clock;
  #schedule: Schedule;
  #playback = new Playback();
  #resume: Resume;
  #kind: ReportKind = "heartbeat";
  #renewals = 0;
  #isDetached = false;
  #cancelSeek: Cancel | null = null;
  #keptAtMs = Number.NEGATIVE_INFINITY;
  #stopWatching: () => void;
  #stopFollowing: (() => void) | undefined;
  #view: TrackerView;
  #listeners = new Set<() => void>();

  constructor(sampler: Sampler, options: TrackerOptions) {
    this.#sampler = sampler;
    this.#options = options;
    this.#clock = options.clock ?? browserClock;
    const { clock, random } = { clock: this.#clock, random: options.random };
    this.#schedule = new Schedule({ clock, random, send: () => this.#send() });
    this.#resume = new Resume(options.resumeAtSeconds ?? 0);
    this.#view = viewOf(this.#resume.targetSeconds, options.expectedDurationSeconds ?? 0, false);
    this.#stopWatching = sampler.watch((signal) => this.#onSignal(signal));
    this.#stopFollowing = this.#followNetwork();
    // The element may have loaded before anybody watched it.
    if (sampler.sample()) this.#onSignal("ready");
  }

  get view(): TrackerView {
    return this.#view;
  }

  /** Hear of every new view. Returns the way to stop. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Report now, if there is anything new, as soon as the one-second rule allows. */
  reportNow(kind: ReportKind = "flush"): void {
    if (!this.#playback.hasNews) return;
    this.#kind = kind;
    this.#playback.playingSeconds = 0;
    this.#keep(kind);
    this.#schedule.request();
  }

  /** Bring the player to a place the learner asked for: the exact one, or another device's. */
  seekTo(positionSeconds: number): void {
    if (this.#resume.hasLanded) this.#sampler.seek(positionSeconds);
    else this.#goOnFrom(positionSeconds);
  }

  /** Send what is left and let go. Resolves when that is answered or has to wait for a retry. */
  async detach(): Promise<void> {
    const { outbox } = this.#options;
    if (!this.#isDetached) {
      this.#look();
      this.#isDetached = true;
      this.#cancelSeek?.();
      this.#stopFollowing?.();
      if (outbox) this.#keep("flush");
      else this.reportNow();
    }
    if (outbox) {
      this.#stopWatching();
      return outbox.release(this.sessionId);
    }
    await this.#schedule.settled();
    // What could not be sent yet still wants to leave with the page.
    if (!this.#playback.hasNews) this.#stopWatching();
  }

  #onSignal(signal: Signal): void {
    if (signal === "leaving") this.#leave();
    if (this.#isDetached) return;
    if (signal === "emptied") this.#startOver();
    this.#look(signal);
    if (signal === "paused" && !this.#sampler.sample()?.isSeeking) this.reportNow("pause");
    if (signal === "ended") this.reportNow("ended");
    if (signal === "hidden") this.reportNow();
    if (this.#playback.playingSeconds >= HEARTBEAT_SECONDS) this.reportNow("heartbeat");
    if (signal === "seeked") this.#keep("seek");
    else if (this.#clock.steadyMs() - this.#keptAtMs >= KEEP_SECONDS * 1000) this.#keep();
  }

  #followNetwork(): (() => void) | undefined {
    const { outbox } = this.#options;
    let wasOnline = outbox?.state.isOnline;
    return outbox?.subscribe(() => {
      if (!wasOnline && outbox.state.isOnline) this.#schedule.hurry();
      wasOnline = outbox.state.isOnline;
    });
  }

  /** Put what is new where a killed browser cannot lose it. */
  #keep(kind?: ReportKind): void {
    const report = this.#playback.hasNews && this.#report(kind);
    if (!report || !this.#options.outbox) return;
    this.#keptAtMs = this.#clock.steadyMs();
    this.#options.outbox.keep(this.sessionId, this.#options.videoId, report);
  }

  /** Take a sample and tell the page about it. */
  #look(signal: Signal = "time"): void {
    const sample = this.#isDetached ? null : this.#sampler.sample();
    if (!sample) return;
    const now = { wallMs: this.#clock.wallMs(), steadyMs: this.#clock.steadyMs() };
    if (signal === "ready") this.#resume.begin(this.#sampler, sample);
    const hadLanded = this.#resume.hasLanded;
    if (signal === "seeked") this.#resume.seeked();
    this.#resume.observe(sample);
    // What is not taken in here cannot be reported either.
    if (!this.#resume.hasLanded) this.#playback.interrupt();
    else if (!hadLanded) this.#playback.landed(sample, now);
    else if (signal === "seeked") this.#playback.moved(sample, now);
    else this.#playback.observe(sample, now);
    if (signal === "seeking") this.#cancelSeek?.();
    if (signal === "seeked" && hadLanded) this.#reportSeekSoon();
    const { hasLanded, targetSeconds } = this.#resume;
    const positionSeconds = hasLanded ? sample.positionSeconds : targetSeconds;
    this.#view = viewOf(positionSeconds, sample.durationSeconds, sample.isPlaying);
    for (const listener of this.#listeners) listener();
  }

  #reportSeekSoon(): void {
    this.#cancelSeek?.();
    this.#cancelSeek = this.#clock.after(SEEK_SETTLE_SECONDS, () => this.reportNow("seek"));
  }

  /** The media was taken away and may load again: go on from the same place, not from 0. */
  #startOver(): void {
    this.#playback.interrupt();
    this.#resume = new Resume(this.#playback.place?.positionSeconds ?? this.#resume.targetSeconds);
  }

  /** Before the first seek has landed, another place takes its turn. */
  #goOnFrom(positionSeconds: number): void {
    this.#resume = new Resume(positionSeconds);
    if (this.#sampler.sample()) this.#look("ready");
  }

  #leave(): void {
    this.#look();
    const { outbox } = this.#options;
    const { hasNews } = this.#playback;
    this.#keep("flush");
    outbox?.leave(this.sessionId, hasNews);
    if (!hasNews) return;
    this.#kind = "flush";
    if (outbox) this.#playback.hasNews = false;
    else this.#schedule.sendNow();
  }

  #report(kind: ReportKind = "heartbeat"): Report | null {
    const { place } = this.#playback;
    if (!place) return null;
    return toReport({
      // A second report from the start of the video must not lose what made the first one count.
      kind: this.#playback.isRestart ? "restart" : kind,
      place,
      spans: this.#playback.spans(),
      playedSeconds: this.#playback.playedSeconds,
      deviceId: this.#options.deviceId,
      sessionId: this.sessionId,
    });
  }

  async #send(): Promise<Attempt> {
    const { outbox, transport, videoId } = this.#options;
    // Then the outbox takes care of what is left.
    if (this.#isDetached && outbox) return "over";
    this.#look();
    const report = this.#report(this.#kind);
    if (!report || !this.#playback.hasNews) return "over";
    this.#keep(this.#kind);
    this.#playback.hasNews = false;
    const outcome = await transport.send(videoId, report);
    if (outcome.status === "stored" || outcome.status === "refused") {
      outbox?.settle(this.sessionId, report);
    } else {
      this.#playback.hasNews = true;
      outbox?.delayed(this.sessionId);
    }
    if (outcome.status === "stored") {
      this.#renewals = 0;
      if (this.#isDetached) this.#stopWatching();
      this.#options.onStored?.(report);
      return "over";
    }
    if (outcome.status === "refused") {
      this.#options.onRefused?.(outcome.refusal);
      return "over";
    }
    if (outcome.status === "later") return { retryAfterSeconds: outcome.retryAfterSeconds };
    return this.#renewToken();
  }

  async #renewToken(): Promise<Attempt> {
    const isRenewed = await this.#options.onUnauthenticated?.();
    // Without a token the report stays news, and leaves with the next one.
    if (!isRenewed) return "over";
    this.#renewals += 1;
    // A fresh token that is refused again will hardly be better at once.
    return { retryAfterSeconds: this.#renewals === 1 ? 0 : undefined };
  }
}
