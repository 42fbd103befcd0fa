/** Whether everything is saved: unsent reports of this page, and whether the service responds. */
import type { OutboxEntry, ReportStore } from "progress-service-tracker";
import { createStore, type ReadableStore } from "../state/readable-store";

export interface SavingState {
  /** False until the reports of earlier visits were read. */
  isKnown: boolean;
  hasUnsent: boolean;
  /** Null until the first response or failure. */
  isReachable: boolean | null;
}

export interface SavingMonitor extends ReadableStore<SavingState> {
  noteReachable: (isReachable: boolean) => void;
  /** The store of the outbox, with its writes and deletions observed. */
  store: ReportStore;
}

export function monitorSaving(store: ReportStore): SavingMonitor {
  /** By id, the reports that are not acknowledged. */
  const unsent = new Map<string, string>();
  const saving = createStore<SavingState>({ isKnown: false, hasUnsent: false, isReachable: null });
  const change = (changed: Partial<SavingState>) => {
    const next = { ...saving.state, hasUnsent: unsent.size > 0, ...changed };
    if (JSON.stringify(next) !== JSON.stringify(saving.state)) saving.set(next);
  };
  return {
    get state() {
      return saving.state;
    },
    subscribe: saving.subscribe,
    noteReachable: (isReachable) => change({ isReachable }),
    store: {
      ...store,
      async all(accountId) {
        const entries = await store.all(accountId);
        change({ isKnown: true });
        return entries;
      },
      put(entry) {
        if (isUnsent(entry)) unsent.set(entry.id, contentOf(entry));
        change({});
        return store.put(entry);
      },
      remove(entry) {
        // A newer report may have replaced it meanwhile.
        if (unsent.get(entry.id) === contentOf(entry)) unsent.delete(entry.id);
        change({});
        return store.remove(entry);
      },
    },
  };
}

/** Neither a copy of a stored report, nor one that was rejected for now. */
function isUnsent(entry: OutboxEntry): boolean {
  return !entry.isStored && !entry.rejectedSinceMs;
}

const contentOf = ({ report }: OutboxEntry) => JSON.stringify(report);
