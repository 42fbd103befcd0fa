/** Whether what was watched has reached the service, in a few words. */
import { useOutbox } from "@progress/tracker-react";
import { Icon } from "../../components/Icon";
import { strings } from "../../strings";
import styles from "./SyncState.module.css";

export function SyncState() {
  const { waiting, isDraining, isOnline } = useOutbox();
  const isCalm = isOnline && waiting === 0;
  return (
    <span
      className={styles.state}
      data-calm={isCalm || undefined}
      role="status"
      aria-label={strings.sync.label}
      title={isCalm ? undefined : strings.sync.explain}
    >
      <Icon name={isOnline ? (waiting ? "waiting" : "tick") : "offline"} size={16} />
      <span className={styles.words}>{wordsFor(waiting, isDraining, isOnline)}</span>
    </span>
  );
}

function wordsFor(waiting: number, isDraining: boolean, isOnline: boolean): string {
  if (!isOnline) return waiting ? strings.sync.offlineWaiting(waiting) : strings.sync.offline;
  if (!waiting) return strings.sync.synced;
  return isDraining ? strings.sync.saving : strings.sync.waiting(waiting);
}
