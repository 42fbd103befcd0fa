/** How long to wait after several failures in a row. */

/**
 * Doubles with each failure up to `longestSeconds`; half of it is random, so that many browsers do
 * not retry at once.
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
