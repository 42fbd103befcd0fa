/** Whether everything is saved: what this page has not handed in, and whether the service answers. */
import type { Kept, ReportStore } from "progress-service-tracker";
import { createStore, type ReadableStore } from "./readable-store";

export interface SavingState {
  /** False until the reports of earlier visits have been looked for. */
  isKnown: boolean;
  hasUnsent: boolean;
  /** Null until the service has answered, or failed to. */
  isReachable: boolean | null;
}

export interface SavingMonitor extends ReadableStore<SavingState> {
  noteReachable: (isReachable: boolean) => void;
  /** The store of the outbox, with an eye on what goes in and out. */
  store: ReportStore;
}

export function monitorSaving(store: ReportStore): SavingMonitor {
  /** By id, what the service has not answered for. */
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
        const rows = await store.all(accountId);
        change({ isKnown: true });
        return rows;
      },
      put(kept) {
        if (isOnItsWay(kept)) unsent.set(kept.id, contentOf(kept));
        change({});
        return store.put(kept);
      },
      remove(kept) {
        // A newer report may have taken its place meanwhile.
        if (unsent.get(kept.id) === contentOf(kept)) unsent.delete(kept.id);
        change({});
        return store.remove(kept);
      },
    },
  };
}

/** Not a copy of what the service has, and not what it has rejected for now. */
function isOnItsWay(kept: Kept): boolean {
  return !kept.isStored && !kept.rejectedSinceMs;
}

const contentOf = ({ report }: Kept) => JSON.stringify(report);
