/** Percentages for display. */

/**
 * 79.6 is 79, and 99.96 with one decimal is 99.9: a figure that is rounded up would claim a threshold
 * that was not reached. Like the service, it ignores everything below a hundredth.
 */
export function roundedDown(percent: number, { decimals = 0 }: { decimals?: 0 | 1 } = {}): number {
  const hundredths = Math.round(100 * percent);
  const step = 10 ** (2 - decimals);
  return Math.floor(hundredths / step) / 10 ** decimals;
}
