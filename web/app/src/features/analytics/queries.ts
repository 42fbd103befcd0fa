/** What the analytics pages read: again every 30 s while the page is visible. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ApiResult, bodyOf } from "../../lib/api/problem";
import { failedRefetchInterval } from "../../lib/api/query-client";
import { queryKeys } from "../../lib/api/query-keys";
import { useService } from "../../lib/api/service";

const REFETCH_MS = 30_000;

const options = {
  refetchInterval: (query: Parameters<typeof failedRefetchInterval>[0]) =>
    failedRefetchInterval(query) || REFETCH_MS,
  // While another cohort is loading, the page keeps its layout.
  placeholderData: keepPreviousData,
};

const inCohort = (cohort: string | null) => (cohort === null ? {} : { cohort });

export function useCourseAnalytics(courseId: string, cohort: string | null) {
  const { client } = useService();
  return useQuery({
    ...options,
    queryKey: queryKeys.courseAnalytics(courseId, cohort),
    queryFn: () =>
      jsonOf(
        client.GET("/api/progress/analytics/course/{course_id}", {
          params: { path: { course_id: courseId }, query: inCohort(cohort) },
        }),
      ),
  });
}

export function useVideoAnalytics(videoId: string, cohort: string | null) {
  const { client } = useService();
  return useQuery({
    ...options,
    queryKey: queryKeys.videoAnalytics(videoId, cohort),
    queryFn: () =>
      jsonOf(
        client.GET("/api/progress/analytics/video/{video_id}", {
          params: { path: { video_id: videoId }, query: inCohort(cohort) },
        }),
      ),
  });
}

/** The body of a response that would be CSV if the request had named it. */
async function jsonOf<Body extends object>(
  request: Promise<ApiResult<Body | string>>,
): Promise<Body> {
  return (await bodyOf(request)) as Body;
}
