/** Says in one line that this browser stores nothing, and what that costs. */
import { useStorageProblem } from "../../lib/storage-problem";
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
