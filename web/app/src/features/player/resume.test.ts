import type { ResumePoint } from "progress-service-api-client";
import { expect, test } from "vitest";
import { aStatus } from "../../testing/fake-service";
import { otherPlaces } from "./other-places";
import { isElsewhere, startOf } from "./resume";
import { stretchesOf } from "./stretches";

const advice: ResumePoint = {
  resume_at: 115.5,
  reason: "resume",
  rewind_seconds: 10,
  watch_time: 125.5,
  chapter: null,
  skip: { intro: null, outro: null },
  alternatives: [],
  next: null,
};

const LENGTH = { lengthSeconds: 600 };

test("the service's advice decides, and the exact place stays known", () => {
  const start = startOf(aStatus(), advice, LENGTH);

  expect(start).toMatchObject({ seconds: 115.5, exactSeconds: 125.5, rewindSeconds: 10 });
  expect(isElsewhere(start)).toBe(true);
});

test("a given place wins over the advice, and needs no explanation", () => {
  const start = startOf(aStatus(), advice, { ...LENGTH, initialWatchTime: 300 });

  expect(start).toMatchObject({ seconds: 300, reason: "given" });
  expect(isElsewhere(start)).toBe(false);
});

test("without the service, what this device knows decides", () => {
  expect(startOf(aStatus({ watch_time: 40 }), null, LENGTH).seconds).toBe(40);
  expect(startOf(aStatus({ watch_time: 590, completed: true }), null, LENGTH).seconds).toBe(0);
});

test("a first start is no start elsewhere", () => {
  expect(isElsewhere(startOf(aStatus(), { ...advice, reason: "start" }, LENGTH))).toBe(false);
});

test("a place beyond the end of a shortened video is neither a start nor offered", () => {
  const shortened = { lengthSeconds: 90 };

  const kept = startOf(aStatus({ watch_time: 400, total_duration: 600 }), null, shortened);
  expect(kept).toMatchObject({ seconds: 0, exactSeconds: 0, reason: "shortened" });
  const advised = startOf(aStatus(), { ...advice, resume_at: 60, watch_time: 150 }, shortened);
  expect(advised).toMatchObject({ seconds: 60, exactSeconds: 60 });
  expect(isElsewhere(advised)).toBe(false);
  const given = startOf(aStatus(), advice, { ...shortened, initialWatchTime: 300 });
  expect(given).toMatchObject({ seconds: 0, reason: "shortened" });
});

test("a place of another device beyond the end is not offered", () => {
  const place = { device_id: "phone", age_seconds: 60, last_watched: "2026-01-01T00:00:00Z" };
  const alternatives = [
    { ...place, watch_time: 150 },
    { ...place, device_id: "tablet", watch_time: 80 },
  ];
  const start = startOf(
    aStatus(),
    { ...advice, resume_at: 10, watch_time: 10, alternatives },
    LENGTH,
  );

  expect(otherPlaces(start, 90).map(({ watch_time }) => watch_time)).toEqual([80]);
});

const film = {
  material_id: "welcome",
  title: "Welcome",
  type: "video",
  module: null,
  duration_seconds: 90,
  source_url: null,
  required: true,
  complete_at_percent: null,
  chapters: [],
  intro: { start_seconds: 0, end_seconds: 8 },
  outro: { start_seconds: 82, end_seconds: 90 },
};

test.each([
  [0, true, false],
  [6.9, true, false],
  [7.5, false, false],
  [50, false, false],
  [82, false, true],
])("at %d s the intro is on: %s, the end is near: %s", (positionSeconds, isInIntro, isAtEnd) => {
  const place = { positionSeconds, durationSeconds: 90 };

  expect(stretchesOf(film, place)).toMatchObject({ isInIntro, isAtEnd });
});

test("a video without an outro ends two seconds before its last", () => {
  const plain = { ...film, intro: null, outro: null };

  expect(stretchesOf(plain, { positionSeconds: 87.9, durationSeconds: 90 }).isAtEnd).toBe(false);
  expect(stretchesOf(plain, { positionSeconds: 88, durationSeconds: 90 }).isAtEnd).toBe(true);
  expect(stretchesOf(plain, { positionSeconds: 0, durationSeconds: 0 }).isAtEnd).toBe(false);
});
