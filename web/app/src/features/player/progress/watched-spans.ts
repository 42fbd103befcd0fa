/** The watched spans of a video: of earlier sessions, and since it was opened. */

export type Span = readonly [startSeconds: number, endSeconds: number];

/**
 * Both together, unsorted and with overlaps: they are only drawn. The element itself has the spans that
 * it has played.
 */
export function watchedSpans(
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
