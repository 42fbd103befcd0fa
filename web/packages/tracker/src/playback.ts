/** What this session has played: the place, the spans, and whether there is anything new to report. */
import { mergeSpans, type Span } from "./intervals";
import type { Sample, Signal } from "./sampler";

/** Players report a place below this while they load and unload, so only a restart may claim it. */
export const RESTART_BELOW_SECONDS = 3;
/** How much further than the clock allows a playhead may be before it counts as a jump. */
const JUMP_SLACK_SECONDS = 1;

/** A sample and the time it was taken. */
export interface Moment extends Sample {
  wallMs: number;
  steadyMs: number;
}

export interface Playback {
  /** Played or sought since the last report. Samples of a paused player are no news. */
  hasNews: boolean;
  /** Media seconds played in this session, repeats included. */
  playedSeconds: number;
  /** Clock seconds of playing since the last report. */
  playingSeconds: number;
  /** The learner went back to the start on purpose and is still there. */
  isRestart: boolean;
  /** The newest place the learner brought the playhead to. */
  place: Moment | null;
  /** What was played in this session, disjoint and sorted. */
  spans(): Span[];
  /**
   * Process one sample.
   *
   * @param isLanding the player has just arrived where it was sent, so there is nothing to report
   * @returns whether the learner moved the playhead
   */
  observe(signal: Signal, moment: Moment, isLanding: boolean): boolean;
  /** The media is away or not in its place yet: the next sample does not continue the last one. */
  interrupt(): void;
}

const playedBetween = (from: Moment, to: Moment) => to.positionSeconds - from.positionSeconds;

export function createPlayback(): Playback {
  /** In the order of playing, until they are read. */
  let spans: Span[] = [];
  let previous: Moment | null = null;
  /** Where the learner was before a seek that has not landed yet. */
  let soughtFrom: Moment | null = null;

  /** @returns whether the learner did it */
  function move(moment: Moment, isByLearner: boolean): boolean {
    previous = self.place = moment;
    if (isByLearner) {
      self.isRestart = moment.positionSeconds < RESTART_BELOW_SECONDS;
      self.hasNews = true;
    }
    return isByLearner;
  }

  function advance(from: Moment, to: Moment): void {
    // During a seek the element shows the target, which has not been watched.
    if (from.isSeeking || to.isSeeking) return;
    const elapsedSeconds = (to.steadyMs - from.steadyMs) / 1000;
    const playedSeconds = playedBetween(from, to);
    self.playingSeconds += elapsedSeconds;
    const possibleSeconds = elapsedSeconds * Math.max(from.rate, to.rate) + JUMP_SLACK_SECONDS;
    if (playedSeconds <= 0 || playedSeconds > possibleSeconds) return;
    const last = spans.at(-1);
    const isNext = last?.[1] === from.positionSeconds;
    if (isNext) spans.pop();
    spans.push([isNext ? last[0] : from.positionSeconds, to.positionSeconds]);
    self.playedSeconds += playedSeconds;
    self.place = to;
    self.hasNews = true;
    if (to.positionSeconds >= RESTART_BELOW_SECONDS) self.isRestart = false;
  }

  const self: Playback = {
    hasNews: false,
    playedSeconds: 0,
    playingSeconds: 0,
    isRestart: false,
    place: null,
    spans() {
      spans = mergeSpans(spans);
      return spans;
    },
    observe(signal, moment, isLanding) {
      const before = previous;
      const from = soughtFrom;
      if (signal === "seeking") {
        // The target counts, though the network may take its time to deliver the picture.
        soughtFrom ??= self.place ?? moment;
        return move(moment, true);
      }
      if (isLanding) return move(moment, false);
      // A seek counts wherever it ends; one that fails is withdrawn.
      const isFailed = from && signal === "error";
      if (isFailed || signal === "seeked") {
        soughtFrom = null;
        return move(isFailed ? { ...moment, positionSeconds: from.positionSeconds } : moment, true);
      }
      self.place ??= moment;
      // At high speed the element is sampled more often than some browsers move its playhead.
      if (before?.isPlaying && moment.isPlaying && !playedBetween(before, moment)) return false;
      previous = moment;
      if (before?.isPlaying) advance(before, moment);
      return false;
    },
    interrupt() {
      previous = soughtFrom = null;
    },
  };
  return self;
}
