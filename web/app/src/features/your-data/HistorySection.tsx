/** Pauses and resumes the history. */
import { Button } from "../../components/Button";
import { Notice } from "../../components/Notice";
import { remedyFor } from "../../lib/api/problem";
import { useHistory } from "../../lib/api/queries";
import { useFailure } from "../../lib/api/use-failure";
import { yourDataStrings } from "../../your-data-strings";
import { useChangeHistory } from "./queries";
import { Section } from "./Section";
import styles from "./YourDataPage.module.css";

const texts = yourDataStrings.history;

export function HistorySection() {
  const history = useHistory();
  const failure = useFailure([history]);
  const change = useChangeHistory();
  const isPaused = history.data?.history === "paused";
  return (
    <Section heading={texts.heading}>
      {failure && (
        <Notice
          text={remedyFor(failure.error)}
          onRetry={() => void history.refetch()}
          isRetrying={failure.isRetrying}
        />
      )}
      <p role="status">
        {!history.data && !failure && texts.loading}
        {history.data && (isPaused ? texts.paused : texts.on)}
      </p>
      {change.error !== null && <Notice text={remedyFor(change.error)} />}
      {history.data && (
        <div className={styles.actions}>
          <Button
            onClick={() => change.start(isPaused ? "on" : "paused")}
            isBusy={change.isRunning}
          >
            {isPaused ? texts.resume : texts.pause}
          </Button>
          <span role="status">{change.isDone && texts.saved}</span>
        </div>
      )}
    </Section>
  );
}
