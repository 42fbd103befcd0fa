/** Manual marks that the service has not saved yet, stored on this device. */
import { deviceStorage } from "../session/device-storage";
import { createStore, type ReadableStore } from "../state/readable-store";

/** By material, whether it is done. */
export type PendingMarks = Readonly<Record<string, boolean>>;

export interface MarkQueue extends ReadableStore<PendingMarks> {
  /** Store a mark; it replaces an earlier one of the same material. */
  put: (materialId: string, isDone: boolean) => void;
  remove: (materialId: string) => void;
  clear: () => void;
}

const STORAGE_PREFIX = "progress.marks.";

/** Each account has its own queue, so that no other token sends its marks. */
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
    clear: () => change({}),
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
