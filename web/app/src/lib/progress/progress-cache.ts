/** Updates cached progress by what this player and other devices do. */
import { useQueryClient } from "@tanstack/react-query";
import type { Course, VideoStatus, VideoStatusSummary } from "progress-service-api-client";
import type { CourseFrame, ProgressFrame } from "progress-service-tracker";
import { useMemo } from "react";
import { queryKeys } from "../api/query-keys";
import { type CourseEstimate, withPercent } from "./course-total";
import { isLater, type Place, percentOf, type VideoStatusById, withPlace } from "./statuses";

type WatchedSpans = VideoStatus["watched_spans"];

const NO_SPANS: WatchedSpans = [];

export function useProgressCache() {
  const queryClient = useQueryClient();
  return useMemo(() => {
    const statuses = { queryKey: queryKeys.statusesOfAll };
    const estimates = { queryKey: queryKeys.courseProgressOfAll };
    const progress = { queryKey: queryKeys.progress };
    const changeStatus = (
      videoId: string,
      next: (status: VideoStatusSummary) => VideoStatusSummary,
    ) =>
      queryClient.setQueriesData<VideoStatusById>(statuses, (known) => {
        const status = known?.[videoId];
        return status ? { ...known, [videoId]: next(status) } : known;
      });
    const updateEstimates = (videoId: string, percent: number) =>
      queryClient.setQueriesData<CourseEstimate>(estimates, (known) => {
        const course = known && queryClient.getQueryData<Course>(queryKeys.course(known.course_id));
        return course ? withPercent(known, course, videoId, percent) : known;
      });
    return {
      /** Read all progress again. */
      refresh: () => queryClient.invalidateQueries(progress),
      /** The same, unless it is being read already. */
      refreshOnce: () => queryClient.invalidateQueries(progress, { cancelRefetch: false }),
      /** Read the shelf again: it may have to offer another video. */
      refreshShelf: () => queryClient.invalidateQueries({ queryKey: queryKeys.shelf }),
      /** Read a course again, with its materials. */
      refreshCourse: (courseId: string) =>
        Promise.all([
          queryClient.invalidateQueries({ queryKey: queryKeys.course(courseId) }),
          queryClient.invalidateQueries({ queryKey: queryKeys.courseProgress(courseId) }),
        ]),
      /** Show a place of this player in the lists at once, without a request. */
      notePlace(videoId: string, place: Place) {
        if (!(place.total_duration > 0)) return;
        const now = new Date().toISOString();
        changeStatus(videoId, (status) => withPlace(status, place, now));
        updateEstimates(videoId, percentOf(place));
      },
      /** Show what another device did, unless a later status is known. */
      noteProgress(frame: ProgressFrame) {
        changeStatus(frame.videoId, (status) => {
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
        updateEstimates(frame.videoId, frame.progressPercentage);
      },
      /** Show the totals of a course. False when the course has to be read again. */
      noteCourse(frame: CourseFrame): boolean {
        const { overallProgress, completedIds } = frame;
        const queryKey = queryKeys.courseProgress(frame.courseId);
        if (overallProgress == null || !completedIds) return false;
        queryClient.setQueryData<CourseEstimate>(
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
        // The response to a request in flight may be older, and would replace the totals.
        return queryClient.isFetching({ queryKey }) === 0;
      },
      /** The status of a video in the lists, for when the service does not respond. */
      knownStatus: (videoId: string): VideoStatusSummary | undefined =>
        queryClient
          .getQueriesData<VideoStatusById>(statuses)
          .map(([, known]) => known?.[videoId])
          .find(Boolean),
      /** Cache the watched spans of a video: the lists do not have them. */
      noteSpans: (videoId: string, spans: WatchedSpans) =>
        queryClient.setQueryData<WatchedSpans>(queryKeys.watchedSpans(videoId), spans),
      /** The watched spans of a video from its last status, on this visit or an earlier one. */
      knownSpans: (videoId: string): WatchedSpans =>
        queryClient.getQueryData<WatchedSpans>(queryKeys.watchedSpans(videoId)) ?? NO_SPANS,
      /** The completed materials of a course, for when the service does not respond. */
      knownDone: (courseId: string): readonly string[] =>
        queryClient.getQueryData<CourseEstimate>(queryKeys.courseProgress(courseId))?.materials
          .completed_ids ?? [],
    };
  }, [queryClient]);
}
