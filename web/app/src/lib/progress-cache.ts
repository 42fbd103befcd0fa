/** Keeps what was read in step with what this player does, and with what other devices do. */
import type { CourseProgress, VideoStatus } from "@progress/api-client";
import type { CourseFrame, ProgressFrame } from "@progress/tracker";
import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";

export type VideoStatusById = Record<string, VideoStatus>;

/** Where a video stands, on this device or another one. */
export interface Place {
  watch_time: number;
  total_duration: number;
}

export function useProgressCache() {
  const queryClient = useQueryClient();
  return useMemo(() => {
    const change = (videoId: string, changed: Partial<VideoStatus>) =>
      queryClient.setQueriesData<VideoStatusById>({ queryKey: ["progress", "videos"] }, (known) => {
        const status = known?.[videoId];
        return status ? { ...known, [videoId]: { ...status, ...changed } } : known;
      });
    return {
      /** Read every progress shown again. */
      refresh: () => queryClient.invalidateQueries({ queryKey: ["progress"] }),
      /** Read the shelf again: what to go on with may be another video now. */
      refreshShelf: () =>
        queryClient.invalidateQueries({ queryKey: ["progress", "continue-watching"] }),
      /** Read a course again, its materials too. */
      refreshCourse: (courseId: string) =>
        Promise.all([
          queryClient.invalidateQueries({ queryKey: ["course", courseId] }),
          queryClient.invalidateQueries({ queryKey: ["progress", "course", courseId] }),
        ]),
      /** Forget everything: it was erased. */
      clear: () => queryClient.resetQueries(),
      /** Show a place of this player in the lists at once, without asking for what is known. */
      notePlace(videoId: string, { watch_time, total_duration }: Place) {
        if (!(total_duration > 0)) return;
        const progress_percentage = (100 * watch_time) / total_duration;
        change(videoId, { watch_time, total_duration, progress_percentage });
      },
      /** Show what another device did. */
      noteProgress: (frame: ProgressFrame) =>
        change(frame.videoId, {
          watch_time: frame.watchTime,
          total_duration: frame.totalDuration,
          progress_percentage: frame.progressPercentage,
          completed: frame.completed,
          watched_seconds: frame.watchedSeconds,
        }),
      /** Show a course's totals. False when the frame does not tell them. */
      noteCourse(frame: CourseFrame): boolean {
        const { overallProgress, completedIds } = frame;
        if (overallProgress == null || !completedIds) return false;
        queryClient.setQueryData<CourseProgress>(
          ["progress", "course", frame.courseId],
          (known) =>
            known && {
              ...known,
              overall_progress: overallProgress,
              materials: {
                ...known.materials,
                completed: completedIds.length,
                completed_ids: completedIds,
              },
            },
        );
        return true;
      },
      /** What the lists know about a video, for when the service cannot be asked. */
      knownStatus: (videoId: string): VideoStatus | undefined =>
        queryClient
          .getQueriesData<VideoStatusById>({ queryKey: ["progress", "videos"] })
          .map(([, known]) => known?.[videoId])
          .find(Boolean),
    };
  }, [queryClient]);
}
