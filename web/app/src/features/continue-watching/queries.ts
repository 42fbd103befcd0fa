/** The shelf as the service knows it, and how a card is taken off and put back. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ContinueItem, Course } from "progress-service-api-client";
import { answerOf } from "../../lib/problem";
import { useMyCourses } from "../../lib/queries";
import { useService } from "../../lib/service";

/** More than these nobody looks through. */
const MAX_CARDS = 6;
const KEY = ["progress", "continue-watching"];

export function useContinueWatching() {
  const { client, isPreview } = useService();
  return useQuery({
    queryKey: KEY,
    enabled: !isPreview,
    queryFn: async () => {
      const params = { query: { limit: MAX_CARDS } };
      const answer = await answerOf(client.GET("/api/progress/continue-watching", { params }));
      return answer.items;
    },
  });
}

/** The titles of the courses of `cards`; all of the learner's are read when one is not known yet. */
export function useCourseTitles(cards: readonly ContinueItem[]): ReadonlyMap<string, string> {
  const queryClient = useQueryClient();
  const titles = new Map<string, string>();
  for (const [, course] of queryClient.getQueriesData<Course>({ queryKey: ["course"] })) {
    if (course) titles.set(course.course_id, course.title);
  }
  const isComplete = cards.every(({ course_id }) => titles.has(course_id));
  const mine = useMyCourses({ isWanted: !isComplete });
  for (const { course_id, title } of mine.data ?? []) titles.set(course_id, title);
  return titles;
}

/** Take a course's card off the shelf, or put it back. Progress is not touched. */
export function useDismissCard() {
  const { client } = useService();
  const queryClient = useQueryClient();
  return useMutation({
    networkMode: "always",
    mutationFn: ({ courseId, isDismissed }: { courseId: string; isDismissed: boolean }) => {
      const path = "/api/progress/continue-watching/{course_id}/dismissed";
      const params = { path: { course_id: courseId } };
      return answerOf<unknown>(
        isDismissed ? client.PUT(path, { params }) : client.DELETE(path, { params }),
      );
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: KEY }),
  });
}
