import { expect, test } from "vitest";
import { clockTime, clockTimeLeft } from "./time";

test.each([
  [0, "0:00"],
  [9.9, "0:09"],
  [125.5, "2:05"],
  [600, "10:00"],
  [3725, "1:02:05"],
  [-1, "0:00"],
])("%d seconds are displayed as %s", (seconds, text) => {
  expect(clockTime(seconds)).toBe(text);
});

test("time left is rounded up", () => {
  expect(clockTimeLeft(474.5)).toBe("7:55");
});

test("time left ignores the difference between two formats of a clip", () => {
  expect(clockTimeLeft(45.008)).toBe("0:45");
  expect(clockTimeLeft(45)).toBe("0:45");
});
