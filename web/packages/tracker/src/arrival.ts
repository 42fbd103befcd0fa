/** Holds reports back until the player stands where the learner left, and stays there. */
import { type Moment, RESTART_BELOW_SECONDS } from "./playback";
import type { Signal } from "./sampler";

/** Seeks land a little beside the place, and playing goes on meanwhile. */
const NEAR_SECONDS = 1;
/** A player that drops every seek, four times a second, is left alone after ten seconds of playing. */
const MAX_SEEKS = 40;
/** Players that load by steps may still go to 0 by themselves for so long after a seek has landed. */
const UNDO_MS = 1_000;

export interface Arrival {
  readonly hasLanded: boolean;
  /** Take in what the element says now, and seek where that helps. */
  observe(signal: Signal, moment: Moment): void;
}

/** @param targetSeconds where to start; 0 means at the beginning, with nothing to wait for */
export function createArrival(
  targetSeconds: number,
  seek: (positionSeconds: number) => void,
): Arrival {
  let seeks = 0;
  let guardedUntilMs = 0;
  const self = {
    hasLanded: false,
    observe(signal: Signal, moment: Moment) {
      const { positionSeconds, durationSeconds, isPlaying, isSeeking, steadyMs } = moment;
      const isAtStart = positionSeconds < RESTART_BELOW_SECONDS;
      const isNear = Math.abs(positionSeconds - targetSeconds) <= NEAR_SECONDS;
      const isSought = signal === "seeking";
      if (self.hasLanded) {
        self.hasLanded = !isSought || !isAtStart || steadyMs >= guardedUntilMs;
      } else if (targetSeconds <= 0 || (durationSeconds && targetSeconds >= durationSeconds)) {
        // A place that this file does not have is none to go on from.
        self.hasLanded = true;
      } else if (isSeeking) {
        // Players go to the start by themselves; anywhere else, only the learner does.
        self.hasLanded = isSought && !isNear && !isAtStart;
      } else if (seeks > 0 && isNear) {
        self.hasLanded = signal === "seeked";
        guardedUntilMs = steadyMs + UNDO_MS;
      } else if (seeks < MAX_SEEKS) {
        seeks += 1;
        seek(targetSeconds);
      } else self.hasLanded = isPlaying;
    },
  };
  return self;
}
