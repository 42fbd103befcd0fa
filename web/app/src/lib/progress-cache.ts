/** Keeps what was read in step with what this player does, and with what other devices do. */

import { useQueryClient } from "@tanstack/react-query";
import type { Course, VideoStatus, VideoStatusSummary } from "progress-service-api-client";
import type { CourseFrame, ProgressFrame } from "progress-service-tracker";
import { useMemo } from "react";
import { type CourseStanding, withPercent } from "./course-total";
import { isLater, type Place, percentOf, type VideoStatusById, withPlace } from "./statuses";

type WatchedSpans = VideoStatus["watched_spans"];

const NO_SPANS: WatchedSpans = [];

export function useProgressCache() {
  const queryClient = useQueryClient();
  return useMemo(() => {
    const videos = { queryKey: ["progress", "videos"] };
    const courses = { queryKey: ["progress", "course"] };
    const change = (videoId: string, next: (status: VideoStatusSummary) => VideoStatusSummary) =>
      queryClient.setQueriesData<VideoStatusById>(videos, (known) => {
        const status = known?.[videoId];
        return status ? { ...known, [videoId]: next(status) } : known;
      });
    const addUp = (videoId: string, percent: number) =>
      queryClient.setQueriesData<CourseStanding>(courses, (known) => {
        const course = known && queryClient.getQueryData<Course>(["course", known.course_id]);
        return course ? withPercent(known, course, videoId, percent) : known;
      });
    return {
      /** Read every progress shown again. */
      refresh: () => queryClient.invalidateQueries({ queryKey: ["progress"] }),
      /** The same, unless it is being read right now. */
      refreshOnce: () =>
        queryClient.invalidateQueries({ queryKey: ["progress"] }, { cancelRefetch: false }),
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
      notePlace(videoId: string, place: Place) {
        if (!(place.total_duration > 0)) return;
        const now = new Date().toISOString();
        change(videoId, (status) => withPlace(status, place, now));
        addUp(videoId, percentOf(place));
      },
      /** Show what another device did, unless something later is known. */
      noteProgress(frame: ProgressFrame) {
        change(frame.videoId, (status) => {
          if (isLater(status.last_watched, frame.lastWatched)) return status;
          return {
            ...status,
            watch_time: frame.watchTime,
            total_duration: frame.totalDuration,
            progress_percentage: frame.progressPercentage,
            last_watched: frame.lastWatched,
            completed: frame.completed,
            watched_seconds: frame.watchedSeconds,
          };
        });
        addUp(frame.videoId, frame.progressPercentage);
      },
      /** Show a course's totals. False when the frame does not tell them, or not for good. */
      noteCourse(frame: CourseFrame): boolean {
        const { overallProgress, completedIds } = frame;
        const queryKey = ["progress", "course", frame.courseId];
        if (overallProgress == null || !completedIds) return false;
        queryClient.setQueryData<CourseStanding>(
          queryKey,
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
        // An answer that is on its way may be older, and would take its place.
        return queryClient.isFetching({ queryKey }) === 0;
      },
      /** What the lists know about a video, for when the service cannot be asked. */
      knownStatus: (videoId: string): VideoStatusSummary | undefined =>
        queryClient
          .getQueriesData<VideoStatusById>(videos)
          .map(([, known]) => known?.[videoId])
          .find(Boolean),
      /** Store what was really played of a video: a single status has it, the lists do not. */
      noteSpans: (videoId: string, spans: WatchedSpans) =>
        queryClient.setQueryData<WatchedSpans>(["spans", videoId], spans),
      /** What was played of a video when its status was last read, on this visit or an earlier one. */
      knownSpans: (videoId: string): WatchedSpans =>
        queryClient.getQueryData<WatchedSpans>(["spans", videoId]) ?? NO_SPANS,
      /** The materials known to be done, for when the service cannot be asked. */
      knownDone: (courseId: string): readonly string[] =>
        queryClient.getQueryData<CourseStanding>(["progress", "course", courseId])?.materials
          .completed_ids ?? [],
    };
  }, [queryClient]);
}
