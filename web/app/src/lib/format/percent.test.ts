import { expect, test } from "vitest";
import { roundedDown } from "./percent";

test.each([
  [0, 0],
  [20.92, 20],
  [79.6, 79],
  [80, 80],
  [99.99, 99],
  [100, 100],
])("%d percent are displayed as %d", (percent, shown) => {
  expect(roundedDown(percent)).toBe(shown);
});

test.each([
  [33.33, 33.3],
  [66.67, 66.6],
  [99.96, 99.9],
  [100, 100],
])("%d percent with one decimal are displayed as %d", (percent, shown) => {
  expect(roundedDown(percent, { decimals: 1 })).toBe(shown);
});

test("percentage ignores the difference between two formats of a clip", () => {
  expect(roundedDown((100 * 45) / 90.008)).toBe(50);
});
