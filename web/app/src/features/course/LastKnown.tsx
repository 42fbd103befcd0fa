/** Says that the page shows what was known last, because the service does not answer now. */
import { useOutbox } from "progress-service-tracker-react";
import { Notice } from "../../components/Notice";
import { remedyFor } from "../../lib/problem";
import { useSession } from "../../lib/session";
import { strings } from "../../strings";
import styles from "./CourseDetailPage.module.css";

interface LastKnownProps {
  problem: unknown;
  onRetry: () => void;
  isRetrying: boolean;
}

export function LastKnown({ problem, onRetry, isRetrying }: LastKnownProps) {
  const { isOnline } = useOutbox();
  const { isRenewing } = useSession();
  // Without a connection the head of the page says so, without a token the page asks for one; and
  // there is nothing to try.
  if (!isOnline || isRenewing) return null;
  return (
    <div className={styles.lastKnown}>
      <Notice
        heading={strings.problem.lastKnown}
        text={remedyFor(problem)}
        onRetry={onRetry}
        isRetrying={isRetrying}
      />
    </div>
  );
}
