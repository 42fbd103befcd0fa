/** How far the erasure is, and that it has ended. */
import { Notice } from "../../components/Notice";
import { useIsLate } from "../../lib/state/use-is-late";
import { yourDataStrings } from "../../your-data-strings";
import type { Erasure } from "./queries";
import { Section } from "./Section";
import styles from "./YourDataPage.module.css";

const texts = yourDataStrings.erase;
const SLOW_AFTER_SECONDS = 60;

export function ErasureState({ erasure, isLost }: { erasure: Erasure; isLost: boolean }) {
  const isRunning = erasure.state === "erasing";
  const isSlow = useIsLate(isRunning, SLOW_AFTER_SECONDS);
  return (
    <Section heading={isRunning ? texts.running : texts.done}>
      {isRunning && <span className={styles.activity} aria-hidden="true" />}
      <p role="status">
        {isRunning
          ? texts.steps(erasure.remaining.length)
          : erasure.finished_at && texts.doneAt(timeText(erasure.finished_at))}
      </p>
      <p className={styles.hint}>
        {isRunning ? (isSlow ? texts.slow : texts.mayClose) : texts.afterwards}
      </p>
      {isRunning && isLost && <Notice text={texts.notFollowed} />}
    </Section>
  );
}

function timeText(moment: string): string {
  const options = { dateStyle: "long", timeStyle: "short" } as const;
  return new Intl.DateTimeFormat("en", options).format(new Date(moment));
}
