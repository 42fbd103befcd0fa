/** How long to wait after failures in a row. */

/**
 * Doubles with each failure up to `longestSeconds`; the random half keeps many browsers apart.
 *
 * @param failures in a row so far, 0 for the first
 */
export function backoffSeconds(
  failures: number,
  random = Math.random,
  firstSeconds = 2,
  longestSeconds = 60,
): number {
  return Math.min(firstSeconds * 2 ** failures, longestSeconds) * (0.5 + random() / 2);
}
