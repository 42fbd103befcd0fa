/** A course as its teacher sees it: what learners see, without progress, and nothing is recorded. */
import type { CourseProgress, VideoStatus } from "progress-service-api-client";
import { type Link, ResumeProblem } from "progress-service-tracker";

export const NO_STATUS: VideoStatus = {
  watch_time: 0,
  total_duration: 0,
  progress_percentage: 0,
  last_watched: null,
  completed: false,
  completed_at: null,
  // Beyond any place, so that no report is hurried and no status asked for.
  complete_at_percent: 101,
  watched_seconds: 0,
  watched_spans: [],
};

export function noCourseProgress(courseId: string): CourseProgress {
  return {
    course_id: courseId,
    student_id: "",
    overall_progress: 0,
    materials: { total: 0, completed: 0, completed_ids: [] },
    videos: {},
    last_watched: null,
    completed_at: null,
  };
}

/** `link`, which sends nothing, keeps nothing and hears of nothing. */
export function withoutRecording(link: Link): Link {
  const nothing = () => {};
  const refusal = { httpStatus: 403, code: "preview", detail: "" };
  return {
    ...link,
    call: async () => ({ status: "refused", refusal }),
    // Live states wait for a network, and there never is one.
    network: { ...link.network, isOnline: () => false, watch: () => nothing },
    transport: { send: async () => ({ status: "stored" }) },
    outbox: {
      state: { waiting: 0, isDraining: false, isOnline: true },
      subscribe: () => nothing,
      start: nothing,
      stop: nothing,
      keep: nothing,
      settle: nothing,
      delayed: nothing,
      leave: nothing,
      release: async () => {},
      drain: async () => {},
      newest: async () => new Map(),
    },
    resume: async () => {
      throw new ResumeProblem(refusal);
    },
  };
}
