/** Reports in IndexedDB, by account. Where it fails, the outbox has them in memory only. */
import type { Report } from "./report";

/** A report in the outbox. */
export interface OutboxEntry {
  accountId: string;
  /**
   * The id of the session; with a suffix for its place further on; or the id of the video, for this
   * browser's copy of a stored place.
   */
  id: string;
  sessionId: string;
  videoId: string;
  report: Report;
  /** The service has stored it: this is a copy. */
  isStored?: boolean;
  /** Since when the service rejects it; it may accept it later. */
  rejectedSinceMs?: number;
}

export interface ReportStore {
  all(accountId: string): Promise<OutboxEntry[]>;
  put(entry: OutboxEntry): Promise<void>;
  /** Delete it, unless a newer report has replaced it. */
  remove(entry: OutboxEntry): Promise<void>;
}

export const isSame = (one: OutboxEntry | undefined, other: OutboxEntry): boolean =>
  JSON.stringify(one?.report) === JSON.stringify(other.report);

const TABLE = "reports";
/** Some browsers never open the database. A slow phone that has just started takes 1 to 2 s. */
const TIMEOUT_MS = 3_000;

/** @param onFailure nothing was read or stored; the error is undefined after a timeout */
export function indexedDbStore(
  name = "progress-outbox",
  onFailure?: (error?: unknown) => void,
): ReportStore {
  let database: Promise<IDBDatabase> | undefined;
  let timeoutMs = TIMEOUT_MS;

  /** The result of `use`; undefined where there is no database. */
  async function run<T>(
    use: (table: IDBObjectStore) => IDBRequest<T> | undefined,
  ): Promise<T | undefined> {
    try {
      database ??= open(name);
      const result = database.then(async (opened) => {
        const transaction = opened.transaction(TABLE, "readwrite");
        const request = use(transaction.objectStore(TABLE));
        await done(transaction);
        timeoutMs = TIMEOUT_MS;
        return request?.result;
      });
      return await Promise.race([
        result,
        new Promise<never>((_, reject) => setTimeout(reject, timeoutMs)),
      ]);
    } catch (error) {
      if (error) database = undefined;
      // It may open later, but nothing waits for it until then.
      else timeoutMs = 0;
      onFailure?.(error);
    }
  }

  return {
    async all(accountId) {
      const range = () => IDBKeyRange.bound([accountId], [accountId, []]);
      return (await run<OutboxEntry[]>((table) => table.getAll(range()))) ?? [];
    },
    async put(entry) {
      await run((table) => {
        table.put(entry);
        // The page may close before the browser would commit by itself.
        table.transaction.commit();
        return undefined;
      });
    },
    async remove(entry) {
      const key = [entry.accountId, entry.id];
      await run((table) => {
        const current: IDBRequest<OutboxEntry | undefined> = table.get(key);
        current.onsuccess = () => {
          if (isSame(current.result, entry)) table.delete(key);
        };
        return undefined;
      });
    },
  };
}

function open(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () =>
      request.result.createObjectStore(TABLE, { keyPath: ["accountId", "id"] });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}
