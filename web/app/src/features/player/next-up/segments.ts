/** Whether the playhead is in the intro or at the end of a video. */
import type { Material } from "progress-service-api-client";

/** This close to its end, the intro need not be skipped. */
const INTRO_ALMOST_OVER_SECONDS = 1;
/** A video without an outro ends here, where the service resumes with the next material too. */
const END_SECONDS = 2;

interface Place {
  positionSeconds: number;
  durationSeconds: number;
}

export function segmentsAt({ intro, outro }: Material, place: Place) {
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
