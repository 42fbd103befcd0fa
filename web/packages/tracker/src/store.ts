/** Reports on disk: IndexedDB, by account. Without it everything stays in memory, as far as it lasts. */
import type { Report } from "./report";

/** A report that waits for the service's word. */
export interface Kept {
  accountId: string;
  /**
   * The session's, or one more where a session was further on before, or the video's for this
   * browser's own copy of a place that the service has.
   */
  id: string;
  sessionId: string;
  videoId: string;
  report: Report;
  /** The service has it. */
  isStored?: boolean;
  /** Since when the service rejects it, though it may take it later. */
  rejectedSinceMs?: number;
}

export interface ReportStore {
  all(accountId: string): Promise<Kept[]>;
  put(kept: Kept): Promise<void>;
  /** Forget it, unless a newer report has taken its place. */
  remove(kept: Kept): Promise<void>;
}

export const isSame = (one: Kept | undefined, other: Kept): boolean =>
  JSON.stringify(one?.report) === JSON.stringify(other.report);

const TABLE = "reports";
/** Some browsers open a database and never answer. A slow phone that has just started takes 1 to 2 s. */
const ANSWER_WITHIN_MS = 3_000;

/** @param onFailure nothing was read or stored: why, or undefined when the browser did not answer */
export function indexedDbStore(
  name = "progress-outbox",
  onFailure?: (error?: unknown) => void,
): ReportStore {
  let database: Promise<IDBDatabase> | undefined;
  let patienceMs = ANSWER_WITHIN_MS;

  /** What `use` asks for, or nothing where there is no database. */
  async function run<T>(
    use: (table: IDBObjectStore) => IDBRequest<T> | undefined,
  ): Promise<T | undefined> {
    try {
      database ??= open(name);
      const result = database.then(async (opened) => {
        const transaction = opened.transaction(TABLE, "readwrite");
        const request = use(transaction.objectStore(TABLE));
        await done(transaction);
        patienceMs = ANSWER_WITHIN_MS;
        return request?.result;
      });
      return await Promise.race([
        result,
        new Promise<never>((_, reject) => setTimeout(reject, patienceMs)),
      ]);
    } catch (error) {
      if (error) database = undefined;
      // It may still answer, but nobody waits for it again until it does.
      else patienceMs = 0;
      onFailure?.(error);
    }
  }

  return {
    async all(accountId) {
      const range = () => IDBKeyRange.bound([accountId], [accountId, []]);
      return (await run<Kept[]>((table) => table.getAll(range()))) ?? [];
    },
    async put(kept) {
      await run((table) => {
        table.put(kept);
        // The page may be gone before the browser would commit by itself.
        table.transaction.commit();
        return undefined;
      });
    },
    async remove(kept) {
      const key = [kept.accountId, kept.id];
      await run((table) => {
        const held: IDBRequest<Kept | undefined> = table.get(key);
        held.onsuccess = () => {
          if (isSame(held.result, kept)) table.delete(key);
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
