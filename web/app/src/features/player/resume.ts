/** Where a video starts when it is opened, and why. */
import type { ResumePoint, VideoStatusSummary } from "progress-service-api-client";

export interface Start {
  seconds: number;
  /** `given` by the page that opened it; `kept`: the service could not be asked. */
  reason: ResumePoint["reason"] | "given" | "kept" | "shortened" | "rewatch";
  /** The place itself, when the start lies elsewhere. */
  exactSeconds: number;
  rewindSeconds: number;
  chapter: ResumePoint["chapter"];
  alternatives: ResumePoint["alternatives"];
}

/** Less than this is no other place to a learner. */
const SAME_PLACE_SECONDS = 1;

interface StartWishes {
  /** Where the page that opens the video wants it to start. */
  initialWatchTime?: number | undefined;
  /** The video's length today; 0 when it is unknown. */
  lengthSeconds: number;
}

/** A given place wins; then the service's advice; without the service, what this device knows. */
export function startOf(
  status: VideoStatusSummary,
  resume: ResumePoint | null,
  { initialWatchTime, lengthSeconds }: StartWishes,
): Start {
  const start = adviceOf(status, resume, initialWatchTime);
  const isBeyondEnd = (seconds: number) => lengthSeconds > 0 && seconds > lengthSeconds;
  if (isBeyondEnd(start.seconds)) {
    return { ...start, seconds: 0, exactSeconds: 0, rewindSeconds: 0, reason: "shortened" };
  }
  return isBeyondEnd(start.exactSeconds) ? { ...start, exactSeconds: start.seconds } : start;
}

function adviceOf(
  status: VideoStatusSummary,
  resume: ResumePoint | null,
  initialWatchTime: number | undefined,
): Start {
  const elsewhere = { chapter: null, alternatives: resume?.alternatives ?? [] };
  if (initialWatchTime !== undefined) {
    const seconds = initialWatchTime;
    return { ...elsewhere, seconds, reason: "given", exactSeconds: seconds, rewindSeconds: 0 };
  }
  if (!resume) {
    const kept = { ...elsewhere, exactSeconds: status.watch_time, rewindSeconds: 0 };
    return status.completed
      ? { ...kept, seconds: 0, reason: "replay" }
      : { ...kept, seconds: status.watch_time, reason: "kept" };
  }
  return {
    ...elsewhere,
    seconds: resume.resume_at,
    reason: resume.reason,
    exactSeconds: resume.watch_time,
    rewindSeconds: resume.rewind_seconds,
    chapter: resume.chapter,
  };
}

/** The start is not where the learner left, so they are told and offered the place itself. */
export function isElsewhere(start: Start): boolean {
  return (
    start.reason !== "start" &&
    start.reason !== "shortened" &&
    Math.abs(start.exactSeconds - start.seconds) >= SAME_PLACE_SECONDS
  );
}
