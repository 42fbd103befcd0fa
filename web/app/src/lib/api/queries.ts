/** What the pages read from the service, and how it stays fresh. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type {
  Course,
  MyCourse,
  TaughtCourse,
  VideoStatusSummary,
} from "progress-service-api-client";
import { useTrackerClient } from "progress-service-tracker-react";
import { type CourseEstimate, withPercent } from "../progress/course-total";
import { useProgressCache } from "../progress/progress-cache";
import { percentOf, reconcileStatuses, type VideoStatusById } from "../progress/statuses";
import { NO_STATUS, noCourseProgress } from "./preview";
import { ApiProblem, bodyOf } from "./problem";
import { failedRefetchInterval } from "./query-client";
import { queryKeys } from "./query-keys";
import { useService } from "./service";

type Watched = Pick<MyCourse, "last_watched">;

/** What was watched does not vanish, unless it is erased, or the learner leaves the course. */
const hasVanished = (before: Watched | undefined, now: Watched | undefined) =>
  Boolean(before?.last_watched && !now?.last_watched);

/** The limit of the service for one batch. */
const MAX_BATCH = 500;

export function useCourse(courseId: string) {
  const { client } = useService();
  return useQuery({
    queryKey: queryKeys.course(courseId),
    queryFn: () =>
      bodyOf(
        client.GET("/api/catalog/courses/{course_id}", {
          params: { path: { course_id: courseId } },
        }),
      ),
    staleTime: 60_000,
  });
}

export function useCourseProgress(courseId: string) {
  const { client, isPreview, noteVanished } = useService();
  const { outbox } = useTrackerClient();
  const queryClient = useQueryClient();
  return useQuery({
    queryKey: queryKeys.courseProgress(courseId),
    queryFn: async (): Promise<CourseEstimate> => {
      if (isPreview) return noCourseProgress(courseId);
      const pending = await outbox.pendingReports();
      const params = { path: { course_id: courseId } };
      const known = queryClient.getQueryData<CourseEstimate>(queryKeys.courseProgress(courseId));
      const { progress } = await bodyOf(
        client.GET("/api/progress/course/{course_id}", { params }),
      ).catch((error: unknown) => {
        if (known && error instanceof ApiProblem && error.status === 403) noteVanished();
        throw error;
      });
      if (hasVanished(known, progress)) noteVanished();
      const course = queryClient.getQueryData<Course>(queryKeys.course(courseId));
      if (!course) return progress;
      return [...pending].reduce<CourseEstimate>(
        (estimate, [videoId, report]) => withPercent(estimate, course, videoId, percentOf(report)),
        progress,
      );
    },
  });
}

/** The status of every video, in one request for as many as the service accepts. */
export function useVideoStatuses(course: Course | undefined) {
  const { client, isPreview } = useService();
  const { outbox } = useTrackerClient();
  const queryClient = useQueryClient();
  const videoIds = (course?.materials ?? [])
    .filter((material) => material.type === "video")
    .map((material) => material.material_id);
  const queryKey = queryKeys.statuses(videoIds);
  const cached = () => queryClient.getQueryData<VideoStatusById>(queryKey);
  return useQuery({
    queryKey,
    enabled: course !== undefined,
    queryFn: async () => {
      const statuses: Record<string, VideoStatusSummary> = {};
      if (isPreview) return statuses;
      // Read before the request: the response may lack what is pending now.
      const pending = await outbox.pendingReports();
      const before = cached();
      for (let first = 0; first < videoIds.length; first += MAX_BATCH) {
        const body = { video_ids: videoIds.slice(first, first + MAX_BATCH) };
        const { progress } = await bodyOf(client.POST("/api/progress/videos/batch", { body }));
        Object.assign(statuses, progress);
      }
      return reconcileStatuses(statuses, { before, now: cached(), pending });
    },
  });
}

/** The current status of one video; a cached one could be older than another device's. */
export function useVideoStatus(videoId: string) {
  const { client, isPreview } = useService();
  const { noteSpans } = useProgressCache();
  return useQuery({
    queryKey: queryKeys.status(videoId),
    queryFn: async () => {
      if (isPreview) return NO_STATUS;
      const status = await bodyOf(
        client.GET("/api/progress/video/{video_id}/status", {
          params: { path: { video_id: videoId } },
        }),
      );
      noteSpans(videoId, status.watched_spans);
      return status;
    },
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Whether the learner's history is on or paused; changed by `client.PUT` of the same path. */
export function useHistory() {
  const { client, isPreview } = useService();
  return useQuery({
    queryKey: queryKeys.history,
    enabled: !isPreview,
    queryFn: () => bodyOf(client.GET("/api/progress/me/preferences")),
  });
}

/** The limit of the service for one page. */
const COURSES_PER_PAGE = 100;
const FOLLOW_ERASURE_MS = 2_000;
/** Those with more courses open the others by their address. */
const MAX_PAGES = 10;

/** Every course the learner is enrolled in, the most recently watched first. */
export function useMyCourses({ isEnabled = true } = {}) {
  const { client, isPreview, noteVanished, wasErased } = useService();
  const queryClient = useQueryClient();
  return useQuery({
    queryKey: queryKeys.myCourses,
    enabled: isEnabled && !isPreview,
    // This browser is cleared at the begin of an erasure, when the courses may still be listed.
    refetchInterval: (query) =>
      wasErased && query.state.data?.length ? FOLLOW_ERASURE_MS : failedRefetchInterval(query),
    queryFn: async () => {
      const courses: MyCourse[] = [];
      let after: string | undefined;
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const params = { query: { limit: COURSES_PER_PAGE, ...(after && { after }) } };
        const body = await bodyOf(client.GET("/api/progress/courses", { params }));
        courses.push(...body.courses);
        if (!body.next) break;
        after = body.next;
      }
      const known = queryClient.getQueryData<MyCourse[]>(queryKeys.myCourses) ?? [];
      const now = new Map(courses.map((course) => [course.course_id, course]));
      if (known.some((course) => hasVanished(course, now.get(course.course_id)))) noteVanished();
      return courses;
    },
  });
}

/** Every course that the teacher teaches, by title. */
export function useTaughtCourses() {
  const { client } = useService();
  return useQuery({
    queryKey: queryKeys.taughtCourses,
    queryFn: async () => {
      const courses: TaughtCourse[] = [];
      let after: string | undefined;
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const params = { query: { limit: COURSES_PER_PAGE, ...(after && { after }) } };
        const body = await bodyOf(client.GET("/api/catalog/courses", { params }));
        courses.push(...body.courses);
        if (!body.next) break;
        after = body.next;
      }
      return courses.sort((one, other) => one.title.localeCompare(other.title));
    },
  });
}
