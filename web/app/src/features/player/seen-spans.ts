/** What has been seen of a video: in earlier sessions, and since it was opened. */

export type Span = readonly [startSeconds: number, endSeconds: number];

/**
 * Both together, in no order and with overlaps: they are painted, not counted.
 *
 * The element itself remembers what it has played, so nothing is kept here.
 */
export function seenSpans(
  saved: readonly (readonly number[])[],
  video: HTMLVideoElement | null,
): Span[] {
  const spans: Span[] = saved.map(([start = 0, end = 0]) => [start, end]);
  const played = video?.played;
  if (!played) return spans;
  for (let index = 0; index < played.length; index += 1) {
    spans.push([played.start(index), played.end(index)]);
  }
  return spans;
}
