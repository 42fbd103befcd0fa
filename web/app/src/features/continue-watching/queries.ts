/** The shelf, its course titles, and how a card is dismissed and restored. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ContinueItem, Course } from "progress-service-api-client";
import { bodyOf } from "../../lib/api/problem";
import { useMyCourses } from "../../lib/api/queries";
import { queryKeys } from "../../lib/api/query-keys";
import { useService } from "../../lib/api/service";

/** More cards are hard to survey. */
const MAX_CARDS = 6;

export function useContinueWatching() {
  const { client, isPreview } = useService();
  return useQuery({
    queryKey: queryKeys.shelf,
    enabled: !isPreview,
    queryFn: async () => {
      const params = { query: { limit: MAX_CARDS } };
      const { items } = await bodyOf(client.GET("/api/progress/continue-watching", { params }));
      return items;
    },
  });
}

/** The titles of the courses of `cards`. When one is not cached, all of the learner's are read. */
export function useCourseTitles(cards: readonly ContinueItem[]): ReadonlyMap<string, string> {
  const queryClient = useQueryClient();
  const titles = new Map<string, string>();
  for (const [, course] of queryClient.getQueriesData<Course>({ queryKey: queryKeys.courses })) {
    if (course) titles.set(course.course_id, course.title);
  }
  const isComplete = cards.every(({ course_id }) => titles.has(course_id));
  const mine = useMyCourses({ isEnabled: !isComplete });
  for (const { course_id, title } of mine.data ?? []) titles.set(course_id, title);
  return titles;
}

/** Dismiss or restore the card of a course. Progress does not change. */
export function useDismissCard() {
  const { client } = useService();
  const queryClient = useQueryClient();
  return useMutation({
    networkMode: "always",
    mutationFn: ({ courseId, isDismissed }: { courseId: string; isDismissed: boolean }) => {
      const path = "/api/progress/continue-watching/{course_id}/dismissed";
      const params = { path: { course_id: courseId } };
      return bodyOf<unknown>(
        isDismissed ? client.PUT(path, { params }) : client.DELETE(path, { params }),
      );
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: queryKeys.shelf }),
  });
}
