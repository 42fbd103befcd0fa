/** What the pages read from the service and how it is kept fresh. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Course, VideoStatusSummary } from "progress-service-api-client";
import { useLink } from "progress-service-tracker-react";
import { type CourseStanding, withPercent } from "./course-total";
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
  const { client } = useService();
  const { outbox } = useLink();
  const queryClient = useQueryClient();
  return useQuery({
    queryKey: ["progress", "course", courseId],
    queryFn: async (): Promise<CourseStanding> => {
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
  const { client } = useService();
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
  const { client } = useService();
  const { noteSpans } = useProgressCache();
  return useQuery({
    queryKey: ["status", videoId],
    queryFn: async () => {
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

/** Mark a material as done by hand, or take that back. */
export function useMarkMaterial() {
  const { client } = useService();
  const { refresh } = useProgressCache();
  return useMutation({
    networkMode: "always",
    mutationFn: ({ materialId, isDone }: { materialId: string; isDone: boolean }) => {
      const path = "/api/progress/material/{material_id}/complete";
      const params = { path: { material_id: materialId } };
      return answerOf<unknown>(
        isDone ? client.POST(path, { params }) : client.DELETE(path, { params }),
      );
    },
    onSettled: refresh,
  });
}
