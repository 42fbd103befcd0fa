/** How far through a course, for as long as the service has not added it up anew. */
import type { Course, CourseProgress } from "progress-service-api-client";

export interface CourseStanding extends CourseProgress {
  /** By video, the furthest percentage below its threshold heard of since the service answered. */
  furthest?: Readonly<Record<string, number>>;
}

/** Until everything is done nobody is told 100 %. */
const NOT_ALL_DONE_PERCENT = 99.99;

/**
 * `known` with one video at `percent`, added up as the service does: a required material counts 100
 * when it is done, which the service alone says, else the furthest percentage below its threshold.
 *
 * How far earlier visits went before the learner went back is not told, so our own sum may be too
 * small, never too large: the larger of the two figures counts.
 */
export function withPercent(
  known: CourseStanding,
  course: Course,
  videoId: string,
  percent: number,
): CourseStanding {
  if (!known.videos[videoId]) return known;
  const heard = Math.max(belowThreshold(known, videoId, percent), known.furthest?.[videoId] ?? 0);
  const furthest = { ...known.furthest, [videoId]: heard };
  const done = new Set(known.materials.completed_ids);
  const required = course.materials.filter((material) => material.required);
  const reached = required.map(({ material_id: id }) => {
    if (done.has(id)) return 100;
    const told = belowThreshold(known, id, known.videos[id]?.progress_percentage ?? 0);
    return Math.max(told, furthest[id] ?? 0);
  });
  const sum = reached.reduce((total, one) => total + one, 0);
  const isAllDone = required.every(({ material_id }) => done.has(material_id));
  const limit = isAllDone ? 100 : NOT_ALL_DONE_PERCENT;
  const own = Math.min(Math.round((100 * sum) / (required.length || 1)) / 100, limit);
  return { ...known, furthest, overall_progress: Math.max(own, known.overall_progress) };
}

/** From its threshold on a video is done or not, and a percentage counts for nothing. */
function belowThreshold(known: CourseProgress, videoId: string, percent: number): number {
  return percent < (known.videos[videoId]?.complete_at_percent ?? 0) ? percent : 0;
}
