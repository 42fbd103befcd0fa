/** Estimates the progress in a course until the service has computed it again. */
import type { Course, CourseProgress } from "progress-service-api-client";

/** The progress of the service, with what was watched since. */
export interface CourseEstimate extends CourseProgress {
  /** By video, the furthest percentage below its threshold since the response of the service. */
  furthest?: Readonly<Record<string, number>>;
}

/** 100 % is shown only when everything is done. */
const NOT_ALL_DONE_PERCENT = 99.99;

/**
 * `known` with one video at `percent`, computed like in the service: a required material counts 100
 * when it is done, or else its furthest percentage below the threshold. Without required materials, all
 * count. Only the service decides whether a material is done.
 *
 * The response does not contain how far earlier visits went before the learner went back. So this sum
 * may be too small, never too large, and the larger of the two figures is used.
 */
export function withPercent(
  known: CourseEstimate,
  course: Course,
  videoId: string,
  percent: number,
): CourseEstimate {
  if (!known.videos[videoId]) return known;
  const reached = Math.max(belowThreshold(known, videoId, percent), known.furthest?.[videoId] ?? 0);
  const furthest = { ...known.furthest, [videoId]: reached };
  const done = new Set(known.materials.completed_ids);
  const required = course.materials.filter((material) => material.required);
  const counted = required.length > 0 ? required : course.materials;
  const percents = counted.map(({ material_id: id }) => {
    if (done.has(id)) return 100;
    const stored = belowThreshold(known, id, known.videos[id]?.progress_percentage ?? 0);
    return Math.max(stored, furthest[id] ?? 0);
  });
  const sum = percents.reduce((total, one) => total + one, 0);
  const isAllDone = counted.every(({ material_id }) => done.has(material_id));
  const limit = isAllDone ? 100 : NOT_ALL_DONE_PERCENT;
  const own = Math.min(Math.round((100 * sum) / (counted.length || 1)) / 100, limit);
  return { ...known, furthest, overall_progress: Math.max(own, known.overall_progress) };
}

/** From its threshold on a video is either done or not, so its percentage does not count. */
function belowThreshold(known: CourseProgress, videoId: string, percent: number): number {
  return percent < (known.videos[videoId]?.complete_at_percent ?? 0) ? percent : 0;
}
