/** How many reports still wait to be handed in. */
import type { OutboxState } from "progress-service-tracker";
import { useSyncExternalStore } from "react";
import { useLink } from "./provider";

export interface OutboxView extends OutboxState {
  /** Try to hand them in now, without waiting for the next turn. */
  drain: () => Promise<void>;
}

/** For "3 reports waiting": what was watched offline, until the service has it. */
export function useOutbox(): OutboxView {
  const { outbox } = useLink();
  const snapshot = () => outbox.state;
  const state = useSyncExternalStore(outbox.subscribe, snapshot, snapshot);
  return { ...state, drain: () => outbox.drain() };
}
