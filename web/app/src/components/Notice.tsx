/** Says what went wrong and what helps, with a way to try again. */
import { strings } from "../strings";
import { Button } from "./Button";
import styles from "./Notice.module.css";

interface NoticeProps {
  text: string;
  heading?: string;
  onRetry?: () => void;
}

export function Notice({ text, heading, onRetry }: NoticeProps) {
  return (
    <div className={styles.notice} role="alert">
      <div>
        {heading && <p className={styles.heading}>{heading}</p>}
        <p>{text}</p>
      </div>
      {onRetry && <Button onClick={onRetry}>{strings.problem.retry}</Button>}
    </div>
  );
}
