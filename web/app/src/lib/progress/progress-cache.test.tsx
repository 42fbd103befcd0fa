import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook } from "@testing-library/react";
import type { CourseFrame } from "progress-service-tracker";
import { beforeEach, expect, test } from "vitest";
import { aFrame, aSummary } from "../../testing/fake-service";
import { queryKeys } from "../api/query-keys";
import { useProgressCache } from "./progress-cache";
import type { VideoStatusById } from "./statuses";

const STATUSES = queryKeys.statuses(["welcome"]);
const TOTALS = queryKeys.courseProgress("demo");

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

test("frame of another device is shown unless a later status is known", () => {
  queryClient.setQueryData(STATUSES, {
    welcome: aSummary({ watch_time: 10, last_watched: "2026-11-22T10:00:00Z" }),
  });

  cache().noteProgress(aFrame({ watchTime: 20, lastWatched: "2026-11-22T09:59:00Z" }));
  expect(place()).toBe(10);
  cache().noteProgress(aFrame({ watchTime: 30, lastWatched: "2026-11-22T10:01:00Z" }));

  expect(place()).toBe(30);
});

test("place of this player is newer than older frames", () => {
  queryClient.setQueryData(STATUSES, { welcome: aSummary({ last_watched: null }) });

  cache().notePlace("welcome", { watch_time: 29, total_duration: 90 });
  cache().noteProgress(aFrame({ watchTime: 5, lastWatched: "2020-01-01T00:00:00Z" }));

  expect(place()).toBe(29);
});

test("totals of a course have to be read again during a request", () => {
  expect(cache().noteCourse(totals)).toBe(true);

  void queryClient.fetchQuery({ queryKey: TOTALS, queryFn: () => new Promise(() => {}) });

  expect(cache().noteCourse(totals)).toBe(false);
});
