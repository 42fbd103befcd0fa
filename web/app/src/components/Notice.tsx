/** An error and its remedy, with a button to retry or to dismiss it. */
import { useRef } from "react";
import { strings } from "../strings";
import { Button } from "./Button";
import styles from "./Notice.module.css";
import { useFocusFallback } from "./use-focus-fallback";

interface NoticeProps {
  text: string;
  heading?: string;
  onRetry?: () => void;
  isRetrying?: boolean;
  onDismiss?: () => void;
}

export function Notice({ text, heading, onRetry, isRetrying, onDismiss }: NoticeProps) {
  const box = useRef<HTMLDivElement>(null);
  useFocusFallback(box, (leaving) => leaving.closest("main"));
  return (
    <div className={styles.notice} role="alert" ref={box}>
      <div>
        {heading && <p className={styles.heading}>{heading}</p>}
        <p>{text}</p>
      </div>
      {onRetry && (
        <Button onClick={onRetry} isBusy={isRetrying}>
          {strings.problem.retry}
        </Button>
      )}
      {onDismiss && <Button onClick={onDismiss}>{strings.problem.dismiss}</Button>}
    </div>
  );
}
