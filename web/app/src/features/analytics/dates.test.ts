import { expect, test } from "vitest";
import { everyDay } from "./dates";

const days = [
  { date: "2026-02-27", learners: 5 },
  { date: "2026-03-02", learners: 10 },
];

test("days without completions are filled in, across months", () => {
  expect(everyDay(days, 90)).toEqual([
    { date: "2026-02-27", learners: 5 },
    { date: "2026-02-28", learners: 0 },
    { date: "2026-03-01", learners: 0 },
    { date: "2026-03-02", learners: 10 },
  ]);
});

test("only the latest days are kept", () => {
  expect(everyDay(days, 2).map(({ date }) => date)).toEqual(["2026-03-01", "2026-03-02"]);
  expect(everyDay([], 2)).toEqual([]);
});
