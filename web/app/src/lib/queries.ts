/** What the pages read from the service and how it is kept fresh. */
import type { Course } from "@progress/api-client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { answerOf } from "./problem";
import { useProgressCache, type VideoStatusById } from "./progress-cache";
import { useService } from "./service";

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
  return useQuery({
    queryKey: ["progress", "course", courseId],
    queryFn: async () => {
      const params = { path: { course_id: courseId } };
      const answer = await answerOf(client.GET("/api/progress/course/{course_id}", { params }));
      return answer.progress;
    },
  });
}

/** Every video's status, in one call for as many as the service takes at once. */
export function useVideoStatuses(course: Course | undefined) {
  const { client } = useService();
  const videoIds = (course?.materials ?? [])
    .filter((material) => material.type === "video")
    .map((material) => material.material_id);
  return useQuery({
    queryKey: ["progress", "videos", videoIds],
    enabled: course !== undefined,
    queryFn: async () => {
      const statuses: VideoStatusById = {};
      for (let first = 0; first < videoIds.length; first += MAX_BATCH) {
        const body = { video_ids: videoIds.slice(first, first + MAX_BATCH) };
        const answer = await answerOf(client.POST("/api/progress/videos/batch", { body }));
        Object.assign(statuses, answer.progress);
      }
      return statuses;
    },
  });
}

/** One video's status as it is now: a remembered one could be behind another device. */
export function useVideoStatus(videoId: string) {
  const { client } = useService();
  return useQuery({
    queryKey: ["status", videoId],
    queryFn: () =>
      answerOf(
        client.GET("/api/progress/video/{video_id}/status", {
          params: { path: { video_id: videoId } },
        }),
      ),
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
