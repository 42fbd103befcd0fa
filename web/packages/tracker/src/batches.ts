/** Kept reports as the service takes them: in batches of a bounded size. */
import type { Kept } from "./store";

const MAX_EVENTS = 500;
/** The service takes 1 MiB; the rest is for the envelope. */
const MAX_CHARACTERS = 1_000_000;

export const eventsOf = (rows: readonly Kept[]) =>
  rows.map(({ id, videoId, report }) => ({ event_id: id, video_id: videoId, ...report }));

export function batchesOf(rows: readonly Kept[]): Kept[][] {
  const batches: Kept[][] = [];
  let characters = MAX_CHARACTERS;
  for (const kept of rows) {
    const size = JSON.stringify(kept).length;
    characters += size;
    let batch = batches.at(-1);
    if (!batch || batch.length === MAX_EVENTS || characters > MAX_CHARACTERS) {
      batch = [];
      batches.push(batch);
      characters = size;
    }
    batch.push(kept);
  }
  return batches;
}
