/** Puts the parts together: watches one media element and reports what is played. */

import { type Arrival, createArrival } from "./arrival";
import type { Refusal } from "./calls";
import { browserClock, type Cancel, type Clock } from "./clock";
import { randomId } from "./ids";
import type { Outbox } from "./outbox";
import { createPlayback, type Moment } from "./playback";
import { type Report, type ReportKind, toReport } from "./report";
import { createSampler, type Sampler, type Signal } from "./sampler";
import type { Transport } from "./transport";
import { type TrackerView, viewOf } from "./view";

/** Of media or clock, whichever is sooner. */
export const HEARTBEAT_SECONDS = 10;
/** Dragging the playhead ends one seek after another; the last one counts. */
export const SEEK_SETTLE_SECONDS = 0.5;
/** With the quarter of a second between two looks, the local copy is at most 1 s of media old. */
export const KEEP_SECONDS = 0.75;
/** A little over the service's one report a second, because the network does not keep distances. */
export const MIN_GAP_SECONDS = 1.05;
/** Up to here the browser's own events come often enough for that. */
const FASTEST_WITHOUT_TIMER = 1.5;
/** The learner may not report this video now, but perhaps again tomorrow. */
const MAY_PASS = [403, 404];

export interface TrackerOptions {
  videoId: string;
  /** Names this browser; it must stay the same between visits. */
  deviceId: string;
  transport: Transport;
  /** Takes every report first, so that none is lost with its page. */
  outbox?: Outbox;
  /** Where to start. Nothing is reported before the player has arrived there. */
  resumeAtSeconds?: number;
  /** The catalogue's length: it counts while the media tells none. */
  expectedDurationSeconds?: number;
  onStored?: (report: Report) => void;
  /** The service said no for good; trying again would not help. */
  onRefused?: (refusal: Refusal) => void;
  /** The token is not accepted. Resolve to true when a fresh one is in place. */
  onUnauthenticated?: () => Promise<boolean>;
  clock?: Clock;
  random?: () => number;
}

export interface Tracker {
  readonly sessionId: string;
  readonly view: TrackerView;
  /** Hear of every new view. Returns the way to stop. */
  subscribe(listener: () => void): () => void;
  /** Report now, if there is anything new, as soon as the one-second rule allows. */
  reportNow(kind?: ReportKind): void;
  /** Bring the player to a place the learner asked for: the exact one, or another device's. */
  seekTo(positionSeconds: number): void;
  /** Send what is left and let go. Resolves when that is answered or has to wait for a retry. */
  detach(): Promise<void>;
}

/** Report what `element` plays until `detach` is called, also when its player replaces it. */
export function trackProgress(element: HTMLMediaElement, options: TrackerOptions): Tracker {
  return createTracker(createSampler(element), options);
}

export function createTracker(sampler: Sampler, options: TrackerOptions): Tracker {
  const { outbox, transport, videoId, deviceId } = options;
  const { clock = browserClock, expectedDurationSeconds = 0, resumeAtSeconds = 0 } = options;
  const sessionId = randomId();
  const playback = createPlayback();
  const listeners = new Set<() => void>();
  let startSeconds = resumeAtSeconds;
  let arrival = arriveAt(resumeAtSeconds);
  let lengthSeconds = expectedDurationSeconds;
  let view = viewOf(resumeAtSeconds, lengthSeconds, false);
  let kind: ReportKind = "heartbeat";
  let notBeforeMs = 0;
  let cancelSend: Cancel | undefined;
  let isDetached = false;
  let cancelSeek: Cancel | undefined;
  let cancelTick: Cancel | undefined;
  /** Where the learner was before a seek that has not landed yet. */
  let soughtFrom: Moment | null = null;
  /** Media seconds played when the last report was due, and when the last one was kept. */
  let reportedSeconds = 0;
  let keptSeconds = 0;

  function arriveAt(targetSeconds: number): Arrival {
    startSeconds = targetSeconds;
    return createArrival(targetSeconds, sampler.seek);
  }

  function onSignal(signal: Signal): void {
    if (signal === "leaving") leave();
    if (isDetached) return;
    if (signal === "emptied") startOver();
    look(signal);
    const isPause = signal === "pause" && !sampler.sample()?.isSeeking;
    if (isPause || signal === "ended") reportNow(signal);
    if (signal === "hidden") reportNow();
    const { playingSeconds, playedSeconds } = playback;
    if (Math.max(playingSeconds, playedSeconds - reportedSeconds) >= HEARTBEAT_SECONDS) {
      reportNow("heartbeat");
    }
    if (signal === "seeking" || signal === "error") keep("seek");
    else if (playedSeconds - keptSeconds >= KEEP_SECONDS) keep();
  }

  /** Take a sample and tell the page about it. */
  function look(signal: Signal = "timeupdate"): void {
    const sample = isDetached ? null : sampler.sample();
    if (!sample) return;
    const hadLanded = arrival.hasLanded;
    lengthSeconds = sample.durationSeconds || expectedDurationSeconds;
    const moment: Moment = {
      ...sample,
      wallMs: clock.wallMs(),
      steadyMs: clock.steadyMs(),
    };
    arrival.observe(signal, moment);
    take(signal, moment, hadLanded);
    cancelTick?.();
    if (sample.isPlaying && sample.rate > FASTEST_WITHOUT_TIMER) {
      cancelTick = clock.after(KEEP_SECONDS / sample.rate, () => {
        look();
        keep();
      });
    }
    const positionSeconds = arrival.hasLanded ? sample.positionSeconds : startSeconds;
    view = viewOf(positionSeconds, lengthSeconds, sample.isPlaying);
    for (const listener of listeners) listener();
  }

  function take(signal: Signal, moment: Moment, hadLanded: boolean): void {
    // What is not taken in here cannot be reported either.
    if (!arrival.hasLanded) playback.interrupt();
    else if (signal === "seeking") {
      // The wish counts, though the network may take its time to deliver the picture.
      soughtFrom ??= playback.place ?? moment;
      sought(moment);
    } else if (!hadLanded) playback.landed(moment);
    else if (soughtFrom && signal === "error") {
      sought({ ...moment, positionSeconds: soughtFrom.positionSeconds });
      soughtFrom = null;
    } else if (signal === "seeked") {
      soughtFrom = null;
      // Wherever it has landed.
      sought(moment);
    } else playback.observe(moment);
  }

  function sought(moment: Moment): void {
    playback.moved(moment);
    cancelSeek?.();
    cancelSeek = clock.after(SEEK_SETTLE_SECONDS, () => reportNow("seek"));
  }

  /** The media was taken away and may load again: go on from the same place, not from 0. */
  function startOver(): void {
    soughtFrom = null;
    playback.interrupt();
    arrival = arriveAt(playback.place?.positionSeconds ?? startSeconds);
  }

  function reportNow(nextKind: ReportKind = "flush"): void {
    if (!playback.hasNews) return;
    kind = nextKind;
    playback.playingSeconds = 0;
    reportedSeconds = playback.playedSeconds;
    keep(kind);
    cancelSend?.();
    const waitMs = notBeforeMs - clock.steadyMs();
    if (waitMs > 0) cancelSend = clock.after(waitMs / 1000, send);
    else void send();
  }

  /** Put what is new where a killed browser cannot lose it. */
  function keep(kindNow?: ReportKind): void {
    const report = playback.hasNews && newReport(kindNow);
    if (!report) return;
    keptSeconds = playback.playedSeconds;
    outbox?.keep(sessionId, videoId, report);
  }

  function leave(): void {
    look();
    const { hasNews } = playback;
    keep("flush");
    outbox?.leave(sessionId, hasNews);
    if (!hasNews) return;
    kind = "flush";
    if (outbox) playback.hasNews = false;
    else void send();
  }

  function newReport(kindNow: ReportKind = "heartbeat"): Report | null {
    const { place, isRestart } = playback;
    if (!place) return null;
    // A second report from the start of the video must not lose what made the first one count.
    const kind = isRestart ? "restart" : kindNow;
    return toReport(playback, place, lengthSeconds, {
      kind,
      device_id: deviceId,
      session_id: sessionId,
    });
  }

  /** The newest state at the moment it leaves, so that what waits needs no queue. */
  async function send(): Promise<void> {
    // Then the outbox takes care of what is left.
    if (isDetached && outbox) return;
    look();
    const report = newReport(kind);
    if (!report || !playback.hasNews) return;
    keep(kind);
    playback.hasNews = false;
    holdBack(MIN_GAP_SECONDS);
    const outcome = await transport.send(videoId, report);
    if (outcome.status === "stored") {
      outbox?.settle(sessionId, report, true);
      options.onStored?.(report);
    } else if (outcome.status === "refused") {
      const { refusal } = outcome;
      if (MAY_PASS.includes(refusal.httpStatus)) outbox?.delayed(sessionId);
      else outbox?.settle(sessionId, report, false);
      options.onRefused?.(refusal);
    } else {
      // With an outbox it is tried again from there, and without one with the next report.
      playback.hasNews ||= !outbox;
      if (outcome.status === "later") holdBack(outcome.retryAfterSeconds ?? 0);
      outbox?.delayed(sessionId, outcome);
      if (outcome.status === "unauthenticated" && (await options.onUnauthenticated?.())) {
        void outbox?.drain();
      }
    }
  }

  function holdBack(seconds: number): void {
    notBeforeMs = Math.max(notBeforeMs, clock.steadyMs() + seconds * 1000);
  }

  const stopWatching = sampler.watch(onSignal);
  // The element may have loaded before anybody watched it.
  if (sampler.sample()) onSignal("ready");

  return {
    sessionId,
    get view() {
      return view;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    reportNow,
    seekTo(positionSeconds) {
      const { hasLanded } = arrival;
      // Before the first seek has landed, another place takes its turn.
      arrival = arriveAt(hasLanded ? 0 : positionSeconds);
      look();
      if (hasLanded) sampler.seek(positionSeconds);
    },
    async detach() {
      if (isDetached) return;
      look();
      if (outbox) keep("flush");
      else reportNow();
      isDetached = true;
      stopWatching();
      cancelSeek?.();
      await outbox?.release(sessionId);
    },
  };
}
