/** Which named stretch of a video the playhead is in. */
import type { Material } from "progress-service-api-client";

/** So close to its end nobody needs to skip the intro any more. */
const INTRO_ALMOST_OVER_SECONDS = 1;
/** A video without a known outro is over here; a report at this place asks for what comes next. */
const END_SECONDS = 2;

interface Place {
  positionSeconds: number;
  durationSeconds: number;
}

export function stretchesOf({ intro, outro }: Material, place: Place) {
  const { positionSeconds, durationSeconds } = place;
  const introEndSeconds = intro?.end_seconds ?? 0;
  const endSeconds = Math.min(outro?.start_seconds ?? Infinity, durationSeconds - END_SECONDS);
  return {
    introEndSeconds,
    isInIntro:
      intro != null &&
      positionSeconds >= intro.start_seconds &&
      positionSeconds < intro.end_seconds - INTRO_ALMOST_OVER_SECONDS,
    isAtEnd: durationSeconds > 0 && positionSeconds >= endSeconds,
  };
}
