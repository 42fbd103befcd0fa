/** How many reports are pending. */
import type { OutboxState } from "progress-service-tracker";
import { useSyncExternalStore } from "react";
import { useTrackerClient } from "./provider";

export interface OutboxView extends OutboxState {
  /** Send them now, without waiting for the next attempt. */
  drain: () => Promise<void>;
}

/** For "3 reports waiting": what was watched offline, until the service has stored it. */
export function useOutbox(): OutboxView {
  const { outbox } = useTrackerClient();
  const snapshot = () => outbox.state;
  const state = useSyncExternalStore(outbox.subscribe, snapshot, snapshot);
  return { ...state, drain: () => outbox.drain() };
}
