/** Holds reports back until the player is at the place where the learner left, and stays there. */
import { type Moment, RESTART_BELOW_SECONDS } from "./playback";
import type { Signal } from "./sampler";

/** Seeks land a little beside the place, and playing continues meanwhile. */
const NEAR_SECONDS = 1;
/** A player that drops every seek, four times a second, is left alone after ten seconds of playing. */
const MAX_SEEKS = 40;
/** Players that load by steps may still go to 0 by themselves for so long after a seek has landed. */
const UNDO_MS = 1_000;

/**
 * Processes one sample, and seeks where that helps.
 *
 * @returns whether the player has landed in its place
 */
export type Arrival = (signal: Signal, moment: Moment) => boolean;

/** @param targetSeconds where to start; 0 is the beginning, where no seek is needed */
export function createArrival(
  targetSeconds: number,
  seek: (positionSeconds: number) => void,
): Arrival {
  let seeks = 0;
  let guardedUntilMs = 0;
  let hasLanded = false;
  return (signal, { positionSeconds, durationSeconds, isPlaying, isSeeking, steadyMs }) => {
    const isAtStart = positionSeconds < RESTART_BELOW_SECONDS;
    const isNear = Math.abs(positionSeconds - targetSeconds) <= NEAR_SECONDS;
    const isSought = signal === "seeking";
    if (hasLanded) {
      hasLanded = !isSought || !isAtStart || steadyMs >= guardedUntilMs;
    } else if (targetSeconds <= 0 || (durationSeconds && targetSeconds >= durationSeconds)) {
      // A place beyond the end of this file cannot be resumed.
      hasLanded = true;
    } else if (isSeeking) {
      // Players go to the start by themselves; anywhere else, only the learner does.
      hasLanded = isSought && !isNear && !isAtStart;
    } else if (seeks > 0 && isNear) {
      hasLanded = signal === "seeked";
      guardedUntilMs = steadyMs + UNDO_MS;
    } else if (seeks < MAX_SEEKS) {
      seeks += 1;
      seek(targetSeconds);
    } else hasLanded = isPlaying;
    return hasLanded;
  };
}
