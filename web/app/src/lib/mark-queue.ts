/** Marks set by hand that the service has not saved yet, kept on this device until it has. */
import { deviceStorage } from "./device-storage";
import { createStore, type ReadableStore } from "./readable-store";

/** By material, whether it is done. */
export type PendingMarks = Readonly<Record<string, boolean>>;

export interface MarkQueue extends ReadableStore<PendingMarks> {
  /** Keep a mark; a later one of the same material replaces it. */
  put: (materialId: string, isDone: boolean) => void;
  remove: (materialId: string) => void;
}

const STORAGE_PREFIX = "progress.marks.";

/** Under the account's own name: nobody else's token ever sends them. */
export function openMarkQueue(accountId: string): MarkQueue {
  const storageKey = STORAGE_PREFIX + accountId;
  const store = createStore<PendingMarks>(read(storageKey));
  const change = (marks: PendingMarks) => {
    store.set(marks);
    write(storageKey, marks);
  };
  return {
    get state() {
      return store.state;
    },
    subscribe: store.subscribe,
    put: (materialId, isDone) => change({ ...store.state, [materialId]: isDone }),
    remove(materialId) {
      if (!(materialId in store.state)) return;
      const { [materialId]: _, ...rest } = store.state;
      change(rest);
    },
  };
}

function read(storageKey: string): PendingMarks {
  try {
    return JSON.parse(deviceStorage.get(storageKey) ?? "{}");
  } catch {
    return {};
  }
}

function write(storageKey: string, marks: PendingMarks): void {
  if (Object.keys(marks).length === 0) deviceStorage.remove(storageKey);
  else deviceStorage.set(storageKey, JSON.stringify(marks));
}
