/** Shows in a few words whether the service has stored what was watched. */
import { type OutboxView, useOutbox } from "progress-service-tracker-react";
import { useSyncExternalStore } from "react";
import { Icon } from "../../components/Icon";
import { useService } from "../../lib/api/service";
import { useMarks } from "../../lib/progress/marks";
import type { SavingState } from "../../lib/progress/saving-state";
import { useLingering } from "../../lib/state/use-lingering";
import { strings } from "../../strings";
import styles from "./SyncState.module.css";

/** Between two reports of a playing video nothing is unsent for a moment, which is not shown. */
const SAVING_LINGERS_SECONDS = 1.5;

export function SyncState() {
  const reports = useOutbox();
  const { saving } = useService();
  const { pending } = useMarks();
  const outbox = { ...reports, waiting: reports.waiting + Object.keys(pending).length };
  const state = useSyncExternalStore(saving.subscribe, () => saving.state);
  const isSaving = state.hasUnsent || outbox.isDraining || outbox.waiting > 0;
  const isStillSaving = useLingering(isSaving, SAVING_LINGERS_SECONDS);
  const isCalm = isReady(outbox, state) && !isStillSaving;
  const { icon, short, rest } = isCalm ? SAVED : wordsFor(outbox, state);
  return (
    <span
      className={styles.state}
      data-calm={isCalm || undefined}
      role="status"
      aria-label={strings.sync.label}
      title={isCalm ? undefined : strings.sync.explain}
    >
      <Icon name={icon} size={16} />
      <span>
        {short}
        <span className="hidden-on-phones">{rest}</span>
      </span>
    </span>
  );
}

interface Words {
  icon: "tick" | "waiting" | "offline";
  /** Shown on phones too. */
  short: string | number;
  rest: string;
}

const SAVED: Words = { icon: "tick", short: "", rest: strings.sync.synced };

/** The service responds, and the reports of earlier visits were read. */
function isReady({ isOnline }: OutboxView, { isKnown, isReachable }: SavingState): boolean {
  return isOnline && isKnown && isReachable === true;
}

function wordsFor({ waiting, isDraining, isOnline }: OutboxView, state: SavingState): Words {
  const { offline, offlineWith, reportsWaiting, saving, unknown, unreachable } = strings.sync;
  const rest = waiting ? ` ${reportsWaiting(waiting)}` : "";
  if (!isOnline) return { icon: "offline", short: waiting ? offlineWith(waiting) : offline, rest };
  if (isDraining) return { icon: "waiting", short: saving, rest: "" };
  if (waiting) return { icon: "waiting", short: waiting, rest };
  if (state.isReachable === false) return { icon: "offline", short: unreachable, rest: "" };
  const isConnecting = !state.isKnown || state.isReachable === null;
  return { icon: "waiting", short: isConnecting ? unknown : saving, rest: "" };
}
