import type { ResumePoint } from "progress-service-api-client";
import { expect, test } from "vitest";
import { aStatus } from "../../../testing/fake-service";
import { otherPlaces } from "./other-places";
import { isElsewhere, startOf } from "./resume";

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

test("start is that of the service, with the exact place", () => {
  const start = startOf(aStatus(), advice, LENGTH);

  expect(start).toMatchObject({ seconds: 115.5, exactSeconds: 125.5, rewindSeconds: 10 });
  expect(isElsewhere(start)).toBe(true);
});

test("start is the given place, without an explanation", () => {
  const start = startOf(aStatus(), advice, { ...LENGTH, initialWatchTime: 300 });

  expect(start).toMatchObject({ seconds: 300, reason: "given" });
  expect(isElsewhere(start)).toBe(false);
});

test("start without the service is the place known on this device", () => {
  expect(startOf(aStatus({ watch_time: 40 }), null, LENGTH).seconds).toBe(40);
  expect(startOf(aStatus({ watch_time: 590, completed: true }), null, LENGTH).seconds).toBe(0);
});

test("first start is not elsewhere", () => {
  expect(isElsewhere(startOf(aStatus(), { ...advice, reason: "start" }, LENGTH))).toBe(false);
});

test("start beyond the end of a shortened video is the beginning", () => {
  const shortened = { lengthSeconds: 90 };

  const known = startOf(aStatus({ watch_time: 400, total_duration: 600 }), null, shortened);
  expect(known).toMatchObject({ seconds: 0, exactSeconds: 0, reason: "shortened" });
  const advised = startOf(aStatus(), { ...advice, resume_at: 60, watch_time: 150 }, shortened);
  expect(advised).toMatchObject({ seconds: 60, exactSeconds: 60 });
  expect(isElsewhere(advised)).toBe(false);
  const given = startOf(aStatus(), advice, { ...shortened, initialWatchTime: 300 });
  expect(given).toMatchObject({ seconds: 0, reason: "shortened" });
});

test("place of another device beyond the end is not offered", () => {
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
