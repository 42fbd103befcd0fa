/** Says that the page shows stored data, because the service does not respond. */
import { useOutbox } from "progress-service-tracker-react";
import { Notice } from "../../components/Notice";
import { remedyFor } from "../../lib/api/problem";
import { useSession } from "../../lib/session/session";
import { strings } from "../../strings";
import styles from "./CourseDetailPage.module.css";

interface StaleNoticeProps {
  problem: unknown;
  onRetry: () => void;
  isRetrying: boolean;
}

export function StaleNotice({ problem, onRetry, isRetrying }: StaleNoticeProps) {
  const { isOnline } = useOutbox();
  const { isRenewing } = useSession();
  // The header shows a missing network, and the page requests a missing token; a retry is useless.
  if (!isOnline || isRenewing) return null;
  return (
    <div className={styles.stale}>
      <Notice
        heading={strings.problem.stale}
        text={remedyFor(problem)}
        onRetry={onRetry}
        isRetrying={isRetrying}
      />
    </div>
  );
}
