/** While the learner's history is paused, reports are not stored on this device. */
import type { OutboxEntry, ReportStore } from "progress-service-tracker";

export interface PausableStore extends ReportStore {
  /** Where this page has left a video while the history was paused, in seconds. */
  placeOf: (videoId: string) => number | undefined;
}

/**
 * `store`, or the memory of this page while `isPaused`. What is in memory is sent as always, because it
 * may complete a video, and gives the place when a video is opened again on this page.
 */
export function pausableStore(store: ReportStore, isPaused: () => boolean): PausableStore {
  const memory = new Map<string, OutboxEntry>();
  const keyOf = ({ accountId, id }: OutboxEntry) => JSON.stringify([accountId, id]);
  return {
    async all(accountId) {
      const own = [...memory.values()].filter((entry) => entry.accountId === accountId);
      return [...(await store.all(accountId)), ...own];
    },
    async put(entry) {
      if (isPaused()) {
        memory.set(keyOf(entry), entry);
        return;
      }
      memory.delete(keyOf(entry));
      await store.put(entry);
    },
    async remove(entry) {
      const current = memory.get(keyOf(entry));
      const isNewest = JSON.stringify(current?.report) === JSON.stringify(entry.report);
      if (isNewest) memory.delete(keyOf(entry));
      await store.remove(entry);
    },
    placeOf(videoId) {
      if (!isPaused()) return undefined;
      const [newest] = [...memory.values()]
        .filter((entry) => entry.videoId === videoId)
        .sort((one, other) => other.report.observed_at.localeCompare(one.report.observed_at));
      return newest?.report.watch_time;
    },
  };
}
