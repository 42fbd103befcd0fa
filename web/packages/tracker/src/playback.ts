/** What this session has played: the place, the spans, and whether there is news to report. */
import { mergeSpans, type Span } from "./intervals";
import type { Sample } from "./sampler";

/** Players report a place below this while they load and unload, so only a restart may claim it. */
export const RESTART_BELOW_SECONDS = 3;
/** How much further than the clock allows a playhead may be before it counts as a jump. */
const JUMP_SLACK_SECONDS = 1;

/** A sample and its moment. */
export interface Moment extends Sample {
  wallMs: number;
  steadyMs: number;
}

/** The newest place the learner brought the playhead to. */
export type Place = Moment;

export interface Playback {
  /** Played or sought since the last report. A paused player that is only looked at has no news. */
  hasNews: boolean;
  /** Media seconds played in this session, repeats included. */
  playedSeconds: number;
  /** Clock seconds of playing. */
  playingSeconds: number;
  /** The learner went back to the start on purpose and is still there. */
  isRestart: boolean;
  place: Place | null;
  /** What was played in this session, disjoint and sorted. */
  spans(): Span[];
  /** Take in what the element says now. */
  observe(moment: Moment): void;
  /** The learner moved the playhead to where `moment` says, whether or not the picture is there. */
  moved(moment: Moment): void;
  /** The playhead was moved for the learner, so there is nothing to report. */
  landed(moment: Moment): void;
  /** The media went away; whatever comes next does not continue it. */
  interrupt(): void;
}

const playedBetween = (from: Moment, to: Moment) => to.positionSeconds - from.positionSeconds;

export function createPlayback(): Playback {
  /** In the order of playing, until somebody asks. */
  let spans: Span[] = [];
  let previous: Moment | null = null;

  function advance(from: Moment, to: Moment): void {
    // A seek under way shows its target, which nobody has watched yet.
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
    observe(moment) {
      const before = previous;
      self.place ??= moment;
      // At high speed the element is looked at more often than some browsers move its playhead.
      if (before?.isPlaying && moment.isPlaying && !playedBetween(before, moment)) return;
      previous = moment;
      if (before?.isPlaying) advance(before, moment);
    },
    moved(moment) {
      self.landed(moment);
      self.isRestart = moment.positionSeconds < RESTART_BELOW_SECONDS;
      self.hasNews = true;
    },
    landed(moment) {
      previous = self.place = moment;
    },
    interrupt() {
      previous = null;
    },
  };
  return self;
}
