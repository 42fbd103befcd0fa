/** What this session has played: the place, the spans, and whether there is news to report. */
import { mergeSpans, type Span } from "./intervals";
import type { Sample } from "./sampler";

/** Players report a place below this while they load and unload, so only a restart may claim it. */
export const RESTART_BELOW_SECONDS = 3;
/** How much further than the clock allows a playhead may be before it counts as a jump. */
const JUMP_SLACK_SECONDS = 1;

export interface Moment {
  wallMs: number;
  steadyMs: number;
}

/** The newest place the learner brought the playhead to. */
export interface Place {
  positionSeconds: number;
  durationSeconds: number;
  observedAtMs: number;
}

export class Playback {
  /** Played or sought since the last report. A paused player that is only looked at has no news. */
  hasNews = false;
  /** Media seconds played in this session, repeats included. */
  playedSeconds = 0;
  /** Clock seconds of playing since they were last set to 0. */
  playingSeconds = 0;
  /** The learner went back to the start on purpose and is still there. */
  isRestart = false;
  #place: Place | null = null;
  #closed: readonly Span[] = [];
  #open: Span | null = null;
  #previous: (Sample & Moment) | null = null;

  get place(): Place | null {
    return this.#place;
  }

  /** What was played in this session, disjoint and sorted. */
  spans(): Span[] {
    return mergeSpans(this.#open ? [...this.#closed, this.#open] : this.#closed);
  }

  /** Take in what the element says now. */
  observe(sample: Sample, now: Moment): void {
    const previous = this.#previous;
    this.#previous = { ...sample, ...now };
    if (!this.#place) this.#put(sample, now);
    if (previous?.isPlaying) this.#advance(previous, sample, now);
  }

  /** The learner moved the playhead; `sample` is where it landed. */
  moved(sample: Sample, now: Moment): void {
    this.landed(sample, now);
    this.isRestart = sample.positionSeconds < RESTART_BELOW_SECONDS;
    this.hasNews = true;
  }

  /** The playhead was moved for the learner, so there is nothing to report. */
  landed(sample: Sample, now: Moment): void {
    this.#previous = { ...sample, ...now };
    this.#put(sample, now);
  }

  /** The media went away; whatever comes next does not continue it. */
  interrupt(): void {
    this.#previous = null;
  }

  #put(sample: Sample, now: Moment): void {
    this.#place = {
      positionSeconds: sample.positionSeconds,
      durationSeconds: sample.durationSeconds,
      observedAtMs: now.wallMs,
    };
  }

  #advance(previous: Sample & Moment, sample: Sample, now: Moment): void {
    // A seek under way shows its target, which nobody has watched yet.
    if (previous.isSeeking || sample.isSeeking) return;
    const elapsedSeconds = (now.steadyMs - previous.steadyMs) / 1000;
    const playedSeconds = sample.positionSeconds - previous.positionSeconds;
    this.playingSeconds += elapsedSeconds;
    const possibleSeconds =
      elapsedSeconds * Math.max(previous.rate, sample.rate) + JUMP_SLACK_SECONDS;
    if (playedSeconds <= 0 || playedSeconds > possibleSeconds) return;
    this.#extend([previous.positionSeconds, sample.positionSeconds]);
    this.playedSeconds += playedSeconds;
    this.#put(sample, now);
    this.hasNews = true;
    if (sample.positionSeconds >= RESTART_BELOW_SECONDS) this.isRestart = false;
  }

  #extend(span: Span): void {
    if (this.#open && this.#open[1] === span[0]) {
      this.#open = [this.#open[0], span[1]];
      return;
    }
    this.#closed = this.spans();
    this.#open = span;
  }
}
