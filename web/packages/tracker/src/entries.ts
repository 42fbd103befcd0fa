/** The entries of the outbox: those of this page in memory, those of every page on disk. */
import { RESTART_BELOW_SECONDS } from "./playback";
import type { Report } from "./report";
import { isSame, type OutboxEntry, type ReportStore } from "./store";

/** The entries of this page, by id, also when the storage fails; and access to those on disk. */
export interface Entries extends ReadonlyMap<string, OutboxEntry> {
  ofSession(sessionId: string): OutboxEntry[];
  /** Every entry by id, oldest first. */
  all(): Promise<Map<string, OutboxEntry>>;
  write(entry: OutboxEntry): void;
  /** Write the newest entry of a session. When it steps back, the place further on is stored too. */
  replace(entry: OutboxEntry): void;
  /** @returns false when a newer report has replaced it */
  remove(entry: OutboxEntry): boolean;
  /** The service has stored it: delete it, except for a copy of the place. */
  markStored(entry: OutboxEntry): void;
}

/** @param onRemoved called when the newest entry of an id is deleted */
export function createEntries(
  accountId: string,
  store: ReportStore,
  onRemoved: (id: string) => void,
): Entries {
  const own = new Map<string, OutboxEntry>();

  function write(entry: OutboxEntry): void {
    own.set(entry.id, entry);
    void store.put(entry);
  }

  function remove(entry: OutboxEntry): boolean {
    const current = own.get(entry.id);
    const isNewest = !current || isSame(current, entry);
    if (isNewest) {
      own.delete(entry.id);
      onRemoved(entry.id);
    }
    void store.remove(entry);
    return isNewest;
  }

  return Object.assign(own, {
    ofSession: (sessionId: string) =>
      [...own.values()].filter((entry) => entry.sessionId === sessionId),
    async all() {
      const entries = [...(await store.all(accountId)), ...own.values()].sort(oldestFirst);
      return new Map(entries.map((entry) => [entry.id, entry]));
    },
    write,
    replace(entry: OutboxEntry) {
      const previous = own.get(entry.id);
      if (previous && isSuperseded(previous.report, entry.report)) {
        const id = `${entry.id}:furthest`;
        const furthestSeconds = own.get(id)?.report.watch_time ?? 0;
        if (furthestSeconds < previous.report.watch_time) write({ ...previous, id });
      }
      write(entry);
    },
    remove,
    markStored(entry: OutboxEntry) {
      remove(entry);
      if (entry.id !== entry.sessionId) return;
      // This browser's own copy of the place, for times without the service.
      void store.put({ ...entry, id: entry.videoId, isStored: true });
    },
  });
}

/** The newest place of each video, by video id. */
export function placesIn(
  entries: ReadonlyMap<string, OutboxEntry>,
  withStored?: boolean,
): ReadonlyMap<string, Report> {
  const places = [...entries.values()].filter(
    (entry) => isPlace(entry) && (withStored || !entry.isStored),
  );
  return new Map(places.map(({ videoId, report }) => [videoId, report]));
}

/** Says where the learner is, as the service sees it. */
const isPlace = ({ id, sessionId, isStored, report }: OutboxEntry) =>
  (id === sessionId || isStored) &&
  (report.watch_time >= RESTART_BELOW_SECONDS || report.kind === "restart");

/** A place further on may complete a video; a step back that replaces it must not lose that. */
const isSuperseded = (previous: Report, next: Report) =>
  previous.kind !== "seek" && previous.watch_time > next.watch_time;

const oldestFirst = (one: OutboxEntry, other: OutboxEntry) =>
  one.report.observed_at.localeCompare(other.report.observed_at);
