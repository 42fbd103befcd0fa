import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook } from "@testing-library/react";
import type { CourseFrame } from "progress-service-tracker";
import { beforeEach, expect, test } from "vitest";
import { aFrame, aSummary } from "../testing/fake-service";
import { useProgressCache } from "./progress-cache";
import type { VideoStatusById } from "./statuses";

const STATUSES = ["progress", "videos", ["welcome"]];
const TOTALS = ["progress", "course", "demo"];

let queryClient: QueryClient;

beforeEach(() => {
  queryClient = new QueryClient();
});

const cache = () =>
  renderHook(useProgressCache, {
    wrapper: ({ children }) => (
      <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
    ),
  }).result.current;

const place = () => queryClient.getQueryData<VideoStatusById>(STATUSES)?.welcome?.watch_time;

const totals: CourseFrame = {
  type: "course",
  courseId: "demo",
  enrolled: true,
  overallProgress: 50,
  completedIds: [],
  completedAt: null,
};

test("what another device did is shown, unless something later is known", () => {
  queryClient.setQueryData(STATUSES, {
    welcome: aSummary({ watch_time: 10, last_watched: "2026-11-22T10:00:00Z" }),
  });

  cache().noteProgress(aFrame({ watchTime: 20, lastWatched: "2026-11-22T09:59:00Z" }));
  expect(place()).toBe(10);
  cache().noteProgress(aFrame({ watchTime: 30, lastWatched: "2026-11-22T10:01:00Z" }));

  expect(place()).toBe(30);
});

test("a place of this player is later than all that is known, so older words do not move it", () => {
  queryClient.setQueryData(STATUSES, { welcome: aSummary({ last_watched: null }) });

  cache().notePlace("welcome", { watch_time: 29, total_duration: 90 });
  cache().noteProgress(aFrame({ watchTime: 5, lastWatched: "2020-01-01T00:00:00Z" }));

  expect(place()).toBe(29);
});

test("a course's totals are not shown for good while an older answer may be on its way", () => {
  expect(cache().noteCourse(totals)).toBe(true);

  void queryClient.fetchQuery({ queryKey: TOTALS, queryFn: () => new Promise(() => {}) });

  expect(cache().noteCourse(totals)).toBe(false);
});
