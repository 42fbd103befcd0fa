import type { Report } from "progress-service-tracker";
import { expect, test } from "vitest";
import { aSummary } from "../../testing/fake-service";
import { isLater, reconcileStatuses, type VideoStatusById } from "./statuses";

const [EARLY, LATE] = ["2026-11-22T10:30:00Z", "2026-11-22T10:30:00.500Z"];

const at = (watch_time: number, last_watched: string | null) =>
  aSummary({ watch_time, last_watched, total_duration: 600 });

const reportAt = (watch_time: number, observed_at: string) =>
  new Map([["welcome", { watch_time, observed_at, total_duration: 600 } as Report]]);

const NOTHING_PENDING = new Map<string, Report>();

function placeIn(statuses: VideoStatusById): number | undefined {
  return statuses.welcome?.watch_time;
}

test("isLater compares times, and null is the earliest", () => {
  expect(isLater(LATE, EARLY)).toBe(true);
  expect(isLater(EARLY, LATE)).toBe(false);
  expect(isLater(EARLY, EARLY)).toBe(false);
  expect(isLater(EARLY, null)).toBe(true);
  expect(isLater(null, EARLY)).toBe(false);
  expect(isLater(null, null)).toBe(false);
});

test("response replaces the cache, also when nothing was watched", () => {
  const known = { welcome: at(300, LATE) };

  const statuses = reconcileStatuses(
    { welcome: at(0, null) },
    { before: known, now: known, pending: NOTHING_PENDING },
  );

  expect(placeIn(statuses)).toBe(0);
});

test("change during the request is not replaced by an older response", () => {
  const before = { welcome: at(10, EARLY) };
  const received = { welcome: at(10, EARLY) };

  const statuses = reconcileStatuses(received, {
    before,
    now: { welcome: at(300, LATE) },
    pending: NOTHING_PENDING,
  });

  expect(placeIn(statuses)).toBe(300);
});

test("change during the request is replaced by a newer response", () => {
  const before = { welcome: at(10, null) };
  const received = { welcome: at(300, LATE) };

  const statuses = reconcileStatuses(received, {
    before,
    now: { welcome: at(20, EARLY) },
    pending: NOTHING_PENDING,
  });

  expect(placeIn(statuses)).toBe(300);
});

test("pending report replaces an older response", () => {
  const received = { welcome: at(0, null), state: at(5, EARLY) };

  const statuses = reconcileStatuses(received, {
    before: undefined,
    now: undefined,
    pending: reportAt(150, LATE),
  });

  expect(statuses).toMatchObject({
    welcome: { watch_time: 150, progress_percentage: 25, last_watched: LATE },
    state: { watch_time: 5 },
  });
});

test("pending report does not replace a newer response", () => {
  const statuses = reconcileStatuses(
    { welcome: at(300, LATE) },
    { before: undefined, now: undefined, pending: reportAt(150, EARLY) },
  );

  expect(placeIn(statuses)).toBe(300);
});
