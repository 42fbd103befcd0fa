import type { Report } from "progress-service-tracker";
import { expect, test } from "vitest";
import { aSummary } from "../testing/fake-service";
import { isLater, settled, type VideoStatusById } from "./statuses";

const [EARLY, LATE] = ["2026-11-22T10:30:00Z", "2026-11-22T10:30:00.500Z"];

const at = (watch_time: number, last_watched: string | null) =>
  aSummary({ watch_time, last_watched, total_duration: 600 });

const keptAt = (watch_time: number, observed_at: string) =>
  new Map([["welcome", { watch_time, observed_at, total_duration: 600 } as Report]]);

const NOTHING_WAITS = new Map<string, Report>();

function placeIn(statuses: VideoStatusById): number | undefined {
  return statuses.welcome?.watch_time;
}

test("a time is later than an earlier one, and than none", () => {
  expect(isLater(LATE, EARLY)).toBe(true);
  expect(isLater(EARLY, LATE)).toBe(false);
  expect(isLater(EARLY, EARLY)).toBe(false);
  expect(isLater(EARLY, null)).toBe(true);
  expect(isLater(null, EARLY)).toBe(false);
  expect(isLater(null, null)).toBe(false);
});

test("the service's word replaces what was known, even by nothing", () => {
  const known = { welcome: at(300, LATE) };

  const statuses = settled(
    { welcome: at(0, null) },
    { before: known, now: known, waiting: NOTHING_WAITS },
  );

  expect(placeIn(statuses)).toBe(0);
});

test("what was heard of while the service was asked is not overwritten by what is older", () => {
  const before = { welcome: at(10, EARLY) };
  const answer = { welcome: at(10, EARLY) };

  const statuses = settled(answer, {
    before,
    now: { welcome: at(300, LATE) },
    waiting: NOTHING_WAITS,
  });

  expect(placeIn(statuses)).toBe(300);
});

test("but by what is newer", () => {
  const before = { welcome: at(10, null) };
  const answer = { welcome: at(300, LATE) };

  const statuses = settled(answer, {
    before,
    now: { welcome: at(20, EARLY) },
    waiting: NOTHING_WAITS,
  });

  expect(placeIn(statuses)).toBe(300);
});

test("what this device has not handed in yet counts as if it had", () => {
  const answer = { welcome: at(0, null), state: at(5, EARLY) };

  const statuses = settled(answer, {
    before: undefined,
    now: undefined,
    waiting: keptAt(150, LATE),
  });

  expect(statuses).toMatchObject({
    welcome: { watch_time: 150, progress_percentage: 25, last_watched: LATE },
    state: { watch_time: 5 },
  });
});

test("unless another device was there later", () => {
  const statuses = settled(
    { welcome: at(300, LATE) },
    { before: undefined, now: undefined, waiting: keptAt(150, EARLY) },
  );

  expect(placeIn(statuses)).toBe(300);
});
