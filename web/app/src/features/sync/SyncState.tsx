/** Whether what was watched has reached the service, in a few words. */
import { useOutbox } from "progress-service-tracker-react";
import { Icon } from "../../components/Icon";
import { useMarks } from "../../lib/marks";
import { strings } from "../../strings";
import styles from "./SyncState.module.css";

export function SyncState() {
  const { waiting: reports, isDraining, isOnline } = useOutbox();
  const { pending } = useMarks();
  const waiting = reports + Object.keys(pending).length;
  const isCalm = isOnline && waiting === 0;
  const { short, rest } = wordsFor(waiting, isDraining, isOnline);
  return (
    <span
      className={styles.state}
      data-calm={isCalm || undefined}
      role="status"
      aria-label={strings.sync.label}
      title={isCalm ? undefined : strings.sync.explain}
    >
      <Icon name={isOnline ? (waiting ? "waiting" : "tick") : "offline"} size={16} />
      <span>
        {short}
        <span className="hidden-on-phones">{rest}</span>
      </span>
    </span>
  );
}

/** The first words say enough beside the icon; a phone has no room for the others. */
function wordsFor(waiting: number, isDraining: boolean, isOnline: boolean) {
  const { offline, offlineWith, reportsWaiting, saving, synced } = strings.sync;
  if (!waiting) return isOnline ? { short: "", rest: synced } : { short: offline, rest: "" };
  const rest = ` ${reportsWaiting(waiting)}`;
  if (!isOnline) return { short: offlineWith(waiting), rest };
  return isDraining ? { short: saving, rest: "" } : { short: waiting, rest };
}
