/** Watches one media element: updates what is played and what the page shows. */
import { type Arrival, createArrival } from "./arrival";
import { browserClock, type Cancel, type Clock } from "./clock";
import { createPlayback, type Moment } from "./playback";
import { createStore } from "./readable-store";
import type { ReportKind } from "./report";
import { createReporter, type ReporterOptions } from "./reporter";
import { createSampler, type Sample, type Sampler, type Signal } from "./sampler";
import { type TrackerView, viewOf } from "./view";

/** Dragging the playhead ends one seek after another; the last one counts. */
export const SEEK_SETTLE_SECONDS = 0.5;

export interface TrackerOptions extends ReporterOptions {
  /** Where to start. Nothing is reported before the player has arrived there. */
  resumeAtSeconds?: number;
  /** The catalogue's length, used while the length of the media is unknown. */
  expectedDurationSeconds?: number;
  clock?: Clock;
}

export interface Tracker {
  readonly sessionId: string;
  readonly view: TrackerView;
  /** Called at every new view. Returns the function that unsubscribes. */
  subscribe(listener: () => void): () => void;
  /** Report now, if there is anything new, as soon as the one-second rule allows. */
  reportNow(kind?: ReportKind): void;
  /** Bring the player to a place the learner chose: the exact one, or another device's. */
  seekTo(positionSeconds: number): void;
  /** Send what is left and stop. Resolves when that is acknowledged or has to be sent later. */
  detach(): Promise<void>;
}

/** Report what `element` plays until `detach` is called, also when its player replaces it. */
export function trackProgress(element: HTMLMediaElement, options: TrackerOptions): Tracker {
  return createTracker(createSampler(element), options);
}

export function createTracker(sampler: Sampler, options: TrackerOptions): Tracker {
  const { clock = browserClock, expectedDurationSeconds = 0, resumeAtSeconds = 0 } = options;
  const playback = createPlayback();
  const view = createStore(viewOf(resumeAtSeconds, expectedDurationSeconds, false));
  const reporter = createReporter(options, clock, playback, view, observe);
  let startSeconds: number;
  let hasLanded: boolean;
  let arrive: Arrival;
  let isDetached = false;
  let cancelSeek: Cancel | undefined;

  function arriveAt(targetSeconds: number): void {
    startSeconds = targetSeconds;
    hasLanded = false;
    arrive = createArrival(targetSeconds, sampler.seek);
  }

  /** Take a sample, and update playback and view. */
  function observe(signal: Signal = "timeupdate"): Sample | null {
    const sample = isDetached ? null : sampler.sample();
    if (!sample) return null;
    const hadLanded = hasLanded;
    const moment: Moment = {
      ...sample,
      wallMs: clock.wallMs(),
      steadyMs: clock.steadyMs(),
    };
    hasLanded = arrive(signal, moment);
    // What is not observed here cannot be reported either.
    if (!hasLanded) playback.interrupt();
    else if (playback.observe(signal, moment, !hadLanded)) {
      cancelSeek?.();
      cancelSeek = clock.after(SEEK_SETTLE_SECONDS, () => reporter.reportNow("seek"));
    }
    const positionSeconds = hasLanded ? sample.positionSeconds : startSeconds;
    const durationSeconds = sample.durationSeconds || expectedDurationSeconds;
    view.set(viewOf(positionSeconds, durationSeconds, sample.isPlaying));
    return sample;
  }

  arriveAt(resumeAtSeconds);
  const stopWatching = sampler.watch((signal) => {
    if (signal === "emptied") {
      // The media was removed and may load again: continue from the same place, not from 0.
      playback.interrupt();
      arriveAt(playback.place?.positionSeconds ?? startSeconds);
    }
    reporter.handle(signal);
  });
  // The element may have loaded before the tracker was created.
  if (sampler.sample()) reporter.handle("loadedmetadata");

  return {
    sessionId: reporter.sessionId,
    get view() {
      return view.state;
    },
    subscribe: view.subscribe,
    reportNow: reporter.reportNow,
    seekTo(positionSeconds) {
      const hadLanded = hasLanded;
      // Before the first seek has landed, the new place replaces the old target.
      arriveAt(hadLanded ? 0 : positionSeconds);
      observe();
      if (hadLanded) sampler.seek(positionSeconds);
    },
    async detach() {
      if (isDetached) return;
      observe();
      const closed = reporter.close();
      isDetached = true;
      stopWatching();
      cancelSeek?.();
      await closed;
    },
  };
}
