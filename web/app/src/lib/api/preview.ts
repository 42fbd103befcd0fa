/** A course as its teacher sees it: the pages of a learner, without progress and without reports. */
import type { CourseProgress, VideoStatus } from "progress-service-api-client";
import { ResumeProblem, type TrackerClient } from "progress-service-tracker";

export const NO_STATUS: VideoStatus = {
  watch_time: 0,
  total_duration: 0,
  progress_percentage: 0,
  last_watched: null,
  completed: false,
  completed_at: null,
  // Never reached, so that no early report is sent and no status read.
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

/** `client` without its effects: it sends, stores and receives nothing. */
export function withoutRecording(client: TrackerClient): TrackerClient {
  const nothing = () => {};
  const problem = { httpStatus: 403, code: "preview", detail: "" };
  return {
    ...client,
    request: async () => ({ status: "rejected", problem }),
    // Live states wait for a network, and this one is always offline.
    network: { ...client.network, isOnline: () => false, watch: () => nothing },
    transport: { send: async () => ({ status: "stored" }) },
    outbox: {
      state: { waiting: 0, isDraining: false, isOnline: true },
      subscribe: () => nothing,
      start: nothing,
      stop: nothing,
      put: nothing,
      acknowledge: nothing,
      defer: nothing,
      flushOnPageHide: nothing,
      close: async () => {},
      drain: async () => {},
      clear: async () => {},
      pendingReports: async () => new Map(),
    },
    resume: async () => {
      throw new ResumeProblem(problem);
    },
  };
}
