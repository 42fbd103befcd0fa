/** The shelf as the service knows it, and how a card is taken off and put back. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Course } from "progress-service-api-client";
import { answerOf } from "../../lib/problem";
import { useService } from "../../lib/service";

/** More than these nobody looks through. */
const MAX_CARDS = 6;
const KEY = ["progress", "continue-watching"];

export function useContinueWatching() {
  const { client } = useService();
  return useQuery({
    queryKey: KEY,
    queryFn: async () => {
      const params = { query: { limit: MAX_CARDS } };
      const answer = await answerOf(client.GET("/api/progress/continue-watching", { params }));
      return answer.items;
    },
  });
}

/** The title of a course that was read before; a card alone is no reason to read one. */
export function useKnownCourseTitle(courseId: string): string | undefined {
  return useQueryClient().getQueryData<Course>(["course", courseId])?.title;
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
