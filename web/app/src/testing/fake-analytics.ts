/** The analytics of the service for component tests: one course and its first video. */
import type { CourseAnalytics, VideoAnalytics } from "progress-service-api-client";

type VideoRow = CourseAnalytics["materials"][number];

const TOTALS = {
  learners: { enrolled: 200, viewers: 180, completed: 120 },
  starts: 210,
  views: 190,
  watch_seconds_total: 72_000,
  average_watch_seconds_per_view: 379,
  average_watch_seconds_per_viewer: 400,
  average_percentage_viewed: 66.7,
  completion_rate_of_viewers: 0.667,
  completion_rate_of_enrolled: 0.6,
};
const NO_TOTALS = {
  learners: { enrolled: null, viewers: null, completed: null },
  starts: null,
  views: null,
  watch_seconds_total: null,
  average_watch_seconds_per_view: null,
  average_watch_seconds_per_viewer: null,
  average_percentage_viewed: null,
  completion_rate_of_viewers: null,
  completion_rate_of_enrolled: null,
};
const RELEASE = {
  as_of: "2026-11-22T10:30:00Z",
  definition_version: 1,
  min_learners: 5,
  cohort: null,
  cohorts: [],
  suppressed: false,
};
const DROP_OFF = { at_seconds: 460, viewers_lost: 12, share: 0.2, chapter: "Middle" };

export function aVideoRow(changed: Partial<VideoRow> = {}): VideoRow {
  return {
    ...TOTALS,
    video_id: "welcome",
    title: "Welcome",
    module: null,
    duration_seconds: 600,
    as_of: RELEASE.as_of,
    suppressed: false,
    worst_drop_off: DROP_OFF,
    ...changed,
  };
}

export function aCourseAnalytics(changed: Partial<CourseAnalytics> = {}): CourseAnalytics {
  return {
    ...RELEASE,
    course_id: "demo",
    title: "Demo course",
    learners: { enrolled: 200, started: 185, completed: 40 },
    last_7_days: { active: 90, completed_a_material: 35 },
    progress_histogram: Array.from({ length: 10 }, (_, index) => ({
      from_percent: 10 * index,
      to_percent: 10 * (index + 1),
      learners: 5 * index,
    })),
    completions_per_day: [
      { date: "2026-11-19", learners: 15 },
      { date: "2026-11-21", learners: 25 },
    ],
    materials: [
      aVideoRow(),
      aVideoRow({
        video_id: "state",
        title: "State",
        learners: { enrolled: 200, viewers: 185, completed: 40 },
      }),
    ],
    ...changed,
  };
}

/** Too few learners have started for any number. */
export function aSuppressedCourse(changed: Partial<CourseAnalytics> = {}): CourseAnalytics {
  return aCourseAnalytics({
    suppressed: true,
    learners: { enrolled: null, started: null, completed: null },
    last_7_days: { active: null, completed_a_material: null },
    progress_histogram: [],
    completions_per_day: [],
    materials: [aVideoRow({ ...NO_TOTALS, suppressed: true, worst_drop_off: null })],
    ...changed,
  });
}

export function aVideoAnalytics(changed: Partial<VideoAnalytics> = {}): VideoAnalytics {
  return {
    ...RELEASE,
    ...TOTALS,
    video_id: "welcome",
    course_id: "demo",
    title: "Welcome",
    duration_seconds: 600,
    curves: {
      part_seconds: 150,
      retention: [1, 0.8, 0.6, 0.5],
      heat: [200, 160, 130, 90],
      replays: [20, 15, 25, 0],
      survival: [0.9, 0.8, 0.6, 0.5],
      exits: [0.1, 0, 0.2, 0.1],
    },
    drop_offs: [DROP_OFF],
    replay_peaks: [{ at_seconds: 300, replays: 25, chapter: "Middle" }],
    ...changed,
  };
}

/** Too few learners have watched it for any number. */
export function aSuppressedVideo(changed: Partial<VideoAnalytics> = {}): VideoAnalytics {
  return aVideoAnalytics({
    ...NO_TOTALS,
    suppressed: true,
    curves: { part_seconds: 0, retention: [], heat: [], replays: [], survival: [], exits: [] },
    drop_offs: [],
    replay_peaks: [],
    ...changed,
  });
}

export class FakeAnalytics {
  course = aCourseAnalytics();
  video = aVideoAnalytics();
  /** What a table has as CSV. */
  csv = "a,b\r\n1,2\r\n";
  /** The paths and queries of all requests. */
  requested: string[] = [];

  /** A text for CSV, otherwise the body of a JSON response. */
  bodyFor(request: Request): unknown {
    const { pathname, search } = new URL(request.url);
    this.requested.push(pathname + search);
    if (request.headers.get("Accept") === "text/csv") return this.csv;
    return pathname.includes("/course/") ? this.course : this.video;
  }
}
