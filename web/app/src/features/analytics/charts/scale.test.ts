import { describe, expect, test } from "vitest";
import { areaPath, barsOf, countTicks, linePath, percentOf, timeTicks } from "./scale";

describe("count ticks", () => {
  test.each([
    [0, [0, 1]],
    [1, [0, 1]],
    [3, [0, 1, 2, 3]],
    [7, [0, 2, 4, 6, 8]],
    [180, [0, 50, 100, 150, 200]],
    [10_000, [0, 5_000, 10_000]],
  ])("up to %d are few whole numbers", (most, ticks) => {
    expect(countTicks(most)).toEqual(ticks);
  });

  test("cover every maximum in at most five steps", () => {
    for (let most = 1; most < 3_000; most += 1) {
      const ticks = countTicks(most);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(most);
      expect(ticks.length).toBeLessThanOrEqual(5);
      expect(ticks.every(Number.isInteger)).toBe(true);
    }
  });
});

test.each([
  [90, [0, 30, 60, 90]],
  [600, [0, 300, 600]],
  [3_725, [0, 1_800, 3_600]],
  [0, []],
  [Number.NaN, []],
])("time ticks of %d seconds are in steps that people count in", (seconds, ticks) => {
  expect(timeTicks(seconds)).toEqual(ticks);
});

test("percentage stays within its scale", () => {
  expect([percentOf(-1, 4), percentOf(1, 4), percentOf(9, 4), percentOf(1, 0)]).toEqual([
    0, 25, 100, 0,
  ]);
});

test("bars share the width, and stand on those below them", () => {
  expect(barsOf([1, 2], { most: 4, below: [3, 0] })).toEqual([
    { x: 0, y: 0, width: 50, height: 25 },
    { x: 50, y: 50, width: 50, height: 50 },
  ]);
});

test("line and area go from edge to edge", () => {
  expect(linePath([1, 0.5], 1)).toBe("M0,0L25,0L75,50L100,50");
  expect(areaPath([1, 0.5], 1)).toBe("M0,0L25,0L75,50L100,50L100,100L0,100Z");
});
