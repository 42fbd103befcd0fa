/** Says why there are no numbers. */
import { analyticsStrings as texts } from "../../analytics-strings";
import styles from "./Analytics.module.css";

export function SuppressedNote({ text }: { text: string }) {
  return (
    <p className={styles.note}>
      <strong>{texts.suppressed.heading}</strong>
      <br />
      {text}
    </p>
  );
}
