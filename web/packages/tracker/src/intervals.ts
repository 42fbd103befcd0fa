/** Spans of media seconds: pure functions to merge them and to limit their number. */

/** `startSeconds <= endSeconds` */
export type Span = readonly [startSeconds: number, endSeconds: number];

/**
 * Cover the same seconds with as few spans as possible.
 *
 * @param spans in any order, with overlaps
 * @param joinGapSeconds neighbours at most this far apart become one
 * @returns disjoint spans sorted by start
 */
export function mergeSpans(spans: readonly Span[], joinGapSeconds = 0): Span[] {
  const merged: [number, number][] = [];
  for (const [start, end] of [...spans].sort((one, other) => one[0] - other[0])) {
    const last = merged.at(-1);
    if (last && start - last[1] <= joinGapSeconds) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}

/** The `count` longest of disjoint spans, sorted by start. */
export function longestSpans(spans: readonly Span[], count: number): Span[] {
  return [...spans]
    .sort((one, other) => other[1] - other[0] - (one[1] - one[0]))
    .slice(0, count)
    .sort((one, other) => one[0] - other[0]);
}
