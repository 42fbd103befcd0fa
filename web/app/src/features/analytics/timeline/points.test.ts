import { expect, test } from "vitest";
import { aVideoAnalytics } from "../../../testing/fake-analytics";
import { pointsOf, rowsOf } from "./points";

test("points are told in plain words, with their chapter", () => {
  const video = aVideoAnalytics({
    drop_offs: [{ at_seconds: 460, viewers_lost: 12, share: 0.2, chapter: "Recursion" }],
    replay_peaks: [{ at_seconds: 90.5, replays: 45, chapter: null }],
  });

  expect(pointsOf(video).map(({ sentence }) => sentence)).toEqual([
    "12 of 180 learners left at 7:40, in “Recursion”",
    "Played again 45 times at 1:30",
  ]);
});

test("marks close to each other are in different rows", () => {
  expect(rowsOf([0, 5, 8, 11, 30], 10)).toEqual([0, 1, 2, 0, 0]);
  expect(rowsOf([], 10)).toEqual([]);
});
