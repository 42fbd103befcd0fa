/** Scales and shapes of the charts. Shapes are drawn in a box of 100 × 100 with its origin at the top. */

/** A box of this size is stretched to the size of the chart. */
export const BOX = 100;

/** At most this many steps on an axis. */
const MAX_STEPS = 4;
const NICE_FACTORS = [1, 2, 5, 10];
/** Steps of a time axis that people count in. */
const TIME_STEPS_SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400];

/** Evenly spaced whole numbers from 0 up to at least `most`; at least 0 and 1. */
export function countTicks(most: number): number[] {
  const rough = Math.max(1, most) / MAX_STEPS;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const nice = NICE_FACTORS.find((factor) => factor * magnitude >= rough) ?? 10;
  const step = Math.max(1, nice * magnitude);
  const steps = Math.max(1, Math.ceil(most / step));
  return Array.from({ length: steps + 1 }, (_, index) => index * step);
}

/** Evenly spaced moments from 0 up to `durationSeconds`. */
export function timeTicks(durationSeconds: number): number[] {
  if (!(durationSeconds > 0)) return [];
  const step =
    TIME_STEPS_SECONDS.find((seconds) => durationSeconds / seconds <= MAX_STEPS) ??
    durationSeconds / MAX_STEPS;
  const steps = Math.floor(durationSeconds / step);
  return Array.from({ length: steps + 1 }, (_, index) => index * step);
}

/** Where `value` lies between 0 and `most`, in percent. */
export function percentOf(value: number, most: number): number {
  return most > 0 ? (100 * Math.min(Math.max(value, 0), most)) / most : 0;
}

export interface Bar {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface BarOptions {
  most: number;
  /** The values that these stand on; left out, the axis. */
  below?: readonly number[];
  /** The share of the width between two bars. */
  gap?: number;
}

/** One bar for each value, side by side. */
export function barsOf(values: readonly number[], { most, below, gap = 0 }: BarOptions): Bar[] {
  const slot = BOX / values.length;
  return values.map((value, index) => {
    const height = percentOf(value, most);
    const base = percentOf(below?.[index] ?? 0, most);
    return {
      x: (index + gap / 2) * slot,
      y: BOX - base - height,
      width: slot * (1 - gap),
      height,
    };
  });
}

/** The path of a line through the middle of each part, from edge to edge. */
export function linePath(values: readonly number[], most: number): string {
  const slot = BOX / values.length;
  const heights = values.map((value) => BOX - percentOf(value, most));
  const middles = heights.map((y, index) => `${(index + 0.5) * slot},${y}`);
  return `M${[`0,${heights[0] ?? BOX}`, ...middles, `${BOX},${heights.at(-1) ?? BOX}`].join("L")}`;
}

/** The path of the area below that line. */
export function areaPath(values: readonly number[], most: number): string {
  return `${linePath(values, most)}L${BOX},${BOX}L0,${BOX}Z`;
}
