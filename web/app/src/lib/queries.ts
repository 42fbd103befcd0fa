/** What the pages read from the service and how it is kept fresh. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { Course, MyCourse, VideoStatusSummary } from "progress-service-api-client";
import { useLink } from "progress-service-tracker-react";
import { type CourseStanding, withPercent } from "./course-total";
import { NO_STATUS, noCourseProgress } from "./preview";
import { answerOf } from "./problem";
import { useProgressCache } from "./progress-cache";
import { useService } from "./service";
import { percentOf, settled, type VideoStatusById } from "./statuses";

/** The service's own limit for one batch. */
const MAX_BATCH = 500;

export function useCourse(courseId: string) {
  const { client } = useService();
  return useQuery({
    queryKey: ["course", courseId],
    queryFn: () =>
      answerOf(
        client.GET("/api/catalog/courses/{course_id}", {
          params: { path: { course_id: courseId } },
        }),
      ),
    staleTime: 60_000,
  });
}

export function useCourseProgress(courseId: string) {
  const { client, isPreview } = useService();
  const { outbox } = useLink();
  const queryClient = useQueryClient();
  return useQuery({
    queryKey: ["progress", "course", courseId],
    queryFn: async (): Promise<CourseStanding> => {
      if (isPreview) return noCourseProgress(courseId);
      const waiting = await outbox.newest();
      const params = { path: { course_id: courseId } };
      const answer = await answerOf(client.GET("/api/progress/course/{course_id}", { params }));
      const course = queryClient.getQueryData<Course>(["course", courseId]);
      if (!course) return answer.progress;
      return [...waiting].reduce<CourseStanding>(
        (standing, [videoId, report]) => withPercent(standing, course, videoId, percentOf(report)),
        answer.progress,
      );
    },
  });
}

/** Every video's status, in one call for as many as the service takes at once. */
export function useVideoStatuses(course: Course | undefined) {
  const { client, isPreview } = useService();
  const { outbox } = useLink();
  const queryClient = useQueryClient();
  const videoIds = (course?.materials ?? [])
    .filter((material) => material.type === "video")
    .map((material) => material.material_id);
  const queryKey = ["progress", "videos", videoIds];
  const known = () => queryClient.getQueryData<VideoStatusById>(queryKey);
  return useQuery({
    queryKey,
    enabled: course !== undefined,
    queryFn: async () => {
      const statuses: Record<string, VideoStatusSummary> = {};
      if (isPreview) return statuses;
      // Before the service is asked: what it has not been told by then, its answer may lack.
      const waiting = await outbox.newest();
      const before = known();
      for (let first = 0; first < videoIds.length; first += MAX_BATCH) {
        const body = { video_ids: videoIds.slice(first, first + MAX_BATCH) };
        const answer = await answerOf(client.POST("/api/progress/videos/batch", { body }));
        Object.assign(statuses, answer.progress);
      }
      return settled(statuses, { before, now: known(), waiting });
    },
  });
}

/** One video's status as it is now: a remembered one could be behind another device. */
export function useVideoStatus(videoId: string) {
  const { client, isPreview } = useService();
  const { noteSpans } = useProgressCache();
  return useQuery({
    queryKey: ["status", videoId],
    queryFn: async () => {
      if (isPreview) return NO_STATUS;
      const status = await answerOf(
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

/** The service's own limit for one page. */
const COURSES_PER_PAGE = 100;
/** A learner in more courses than these finds the others by their address. */
const MAX_PAGES = 10;

/** Every course the learner is enrolled in, the newest activity first. */
export function useMyCourses({ isWanted = true } = {}) {
  const { client, isPreview } = useService();
  return useQuery({
    queryKey: ["progress", "my-courses"],
    enabled: isWanted && !isPreview,
    queryFn: async () => {
      const courses: MyCourse[] = [];
      let after: string | undefined;
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const params = { query: { limit: COURSES_PER_PAGE, ...(after && { after }) } };
        const answer = await answerOf(client.GET("/api/progress/courses", { params }));
        courses.push(...answer.courses);
        if (!answer.next) break;
        after = answer.next;
      }
      return courses;
    },
  });
}
