/** Every key of the query cache. A key matches all keys that begin with it. */
export const queryKeys = {
  courses: ["course"],
  course: (courseId: string) => ["course", courseId],
  taughtCourses: ["taught-courses"],

  /** Everything that changes while a learner watches. */
  progress: ["progress"],
  courseProgressOfAll: ["progress", "course"],
  courseProgress: (courseId: string) => ["progress", "course", courseId],
  statusesOfAll: ["progress", "videos"],
  statuses: (videoIds: readonly string[]) => ["progress", "videos", videoIds],
  myCourses: ["progress", "my-courses"],
  shelf: ["progress", "continue-watching"],

  /** One video, as its player reads it. */
  status: (videoId: string) => ["status", videoId],
  watchedSpans: (videoId: string) => ["spans", videoId],

  /** Whether the learner's history is on or paused. */
  history: ["history"],
  export: ["export"],
  erasure: ["erasure"],

  courseAnalytics: (courseId: string, cohort: string | null) => [
    "analytics",
    "course",
    courseId,
    cohort,
  ],
  videoAnalytics: (videoId: string, cohort: string | null) => [
    "analytics",
    "video",
    videoId,
    cohort,
  ],
};

/**
 * The first parts of the keys that are stored for the next visit. The status of an open video is not:
 * an old one would be wrong.
 */
export const PERSISTED = new Set<unknown>([
  "course",
  "taught-courses",
  "progress",
  "spans",
  "history",
]);
