/** Where a video starts, and why. */
import type { ResumePoint, VideoStatusSummary } from "progress-service-api-client";

export interface Start {
  seconds: number;
  /** `given`: by the page that opened it. `device`: known on this device, without the service. */
  reason: ResumePoint["reason"] | "given" | "device";
  /** The place itself, which may differ from the start. */
  exactSeconds: number;
  rewindSeconds: number;
  chapter: ResumePoint["chapter"];
  alternatives: ResumePoint["alternatives"];
}

/** Places that are nearer than this are the same to a learner. */
const SAME_PLACE_SECONDS = 1;

interface StartOptions {
  /** Given by the page that opens the video. */
  initialWatchTime?: number | undefined;
  /** The current length of the video; 0 while unknown. */
  lengthSeconds: number;
}

/** The given place, or else that of the service, or else the status known on this device. */
export function startOf(
  status: VideoStatusSummary,
  resume: ResumePoint | null,
  { initialWatchTime, lengthSeconds }: StartOptions,
): Start {
  const start = untrimmedStart(status, resume, initialWatchTime);
  const isBeyondEnd = (seconds: number) => lengthSeconds > 0 && seconds > lengthSeconds;
  if (isBeyondEnd(start.seconds)) {
    return { ...start, seconds: 0, exactSeconds: 0, rewindSeconds: 0, reason: "shortened" };
  }
  return isBeyondEnd(start.exactSeconds) ? { ...start, exactSeconds: start.seconds } : start;
}

function untrimmedStart(
  status: VideoStatusSummary,
  resume: ResumePoint | null,
  initialWatchTime: number | undefined,
): Start {
  const common = { chapter: null, alternatives: resume?.alternatives ?? [] };
  if (initialWatchTime !== undefined) {
    const seconds = initialWatchTime;
    return { ...common, seconds, reason: "given", exactSeconds: seconds, rewindSeconds: 0 };
  }
  if (!resume) {
    const known = { ...common, exactSeconds: status.watch_time, rewindSeconds: 0 };
    return status.completed
      ? { ...known, seconds: 0, reason: "replay" }
      : { ...known, seconds: status.watch_time, reason: "device" };
  }
  return {
    ...common,
    seconds: resume.resume_at,
    reason: resume.reason,
    exactSeconds: resume.watch_time,
    rewindSeconds: resume.rewind_seconds,
    chapter: resume.chapter,
  };
}

/** The start differs from the place, so the page explains it and offers the place itself. */
export function isElsewhere(start: Start): boolean {
  return (
    start.reason !== "start" &&
    start.reason !== "shortened" &&
    Math.abs(start.exactSeconds - start.seconds) >= SAME_PLACE_SECONDS
  );
}
