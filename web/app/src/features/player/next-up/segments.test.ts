import { expect, test } from "vitest";
import { segmentsAt } from "./segments";

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
])("position %d s is in the intro: %s, at the end: %s", (positionSeconds, isInIntro, isAtEnd) => {
  const place = { positionSeconds, durationSeconds: 90 };

  expect(segmentsAt(film, place)).toMatchObject({ isInIntro, isAtEnd });
});

test("video without an outro is at its end two seconds before", () => {
  const plain = { ...film, intro: null, outro: null };

  expect(segmentsAt(plain, { positionSeconds: 87.9, durationSeconds: 90 }).isAtEnd).toBe(false);
  expect(segmentsAt(plain, { positionSeconds: 88, durationSeconds: 90 }).isAtEnd).toBe(true);
  expect(segmentsAt(plain, { positionSeconds: 0, durationSeconds: 0 }).isAtEnd).toBe(false);
});
