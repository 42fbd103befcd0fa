/** Dates such as `2026-11-22`, in UTC. */

const MS_PER_DAY = 86_400_000;

export interface DayCount {
  date: string;
  learners: number;
}

/** The days from the first to the last of `days`, those without a number too; the latest `most`. */
export function everyDay(days: readonly DayCount[], most: number): DayCount[] {
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last) return [];
  const learners = new Map(days.map((day) => [day.date, day.learners]));
  const end = Date.parse(last.date);
  const start = Math.max(Date.parse(first.date), end - (most - 1) * MS_PER_DAY);
  const count = Math.round((end - start) / MS_PER_DAY) + 1;
  return Array.from({ length: count }, (_, index) => {
    const date = new Date(start + index * MS_PER_DAY).toISOString().slice(0, 10);
    return { date, learners: learners.get(date) ?? 0 };
  });
}
