/** One line that says that this browser stores nothing, and what does not work then. */
import { useStorageProblem } from "../../lib/session/storage-problem";
import { strings } from "../../strings";
import styles from "./StorageNotice.module.css";

export function StorageNotice() {
  const problem = useStorageProblem();
  return (
    <p className={styles.line} role="status" hidden={!problem}>
      {problem && strings.storage[problem]}
    </p>
  );
}
