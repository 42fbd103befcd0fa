/** The order of the list of videos. */
import type { CourseAnalytics } from "progress-service-api-client";

export type VideoRow = CourseAnalytics["materials"][number];
export type SortKey = "title" | "viewers" | "viewed" | "completion" | "dropOff";

export interface Order {
  by: SortKey;
  isDescending: boolean;
}

const NUMBERS: Record<Exclude<SortKey, "title">, (row: VideoRow) => number | null> = {
  viewers: ({ learners }) => learners.viewers,
  viewed: ({ average_percentage_viewed }) => average_percentage_viewed,
  completion: ({ completion_rate_of_viewers }) => completion_rate_of_viewers,
  dropOff: ({ worst_drop_off }) => worst_drop_off?.viewers_lost ?? null,
};

/** Null is the order of the course. Rows without the number come last in both directions. */
export function sortVideos(rows: readonly VideoRow[], order: Order | null): readonly VideoRow[] {
  if (!order) return rows;
  const direction = order.isDescending ? -1 : 1;
  const { by } = order;
  if (by === "title") {
    return rows.toSorted((one, other) => direction * one.title.localeCompare(other.title));
  }
  const numberOf = NUMBERS[by];
  return rows.toSorted((one, other) => {
    const [first, second] = [numberOf(one), numberOf(other)];
    if (first === null || second === null) return Number(first === null) - Number(second === null);
    return direction * (first - second);
  });
}

/** The order after a click on a column: numbers start with the largest, titles with A. */
export function nextOrder(order: Order | null, by: SortKey): Order {
  if (order?.by !== by) return { by, isDescending: by !== "title" };
  return { by, isDescending: !order.isDescending };
}
