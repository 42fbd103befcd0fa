/** Offers a newer version of the app, once the browser has it. */
import { useEffect, useState } from "react";
import { Button } from "../components/Button";
import { strings } from "../strings";
import { registerWorker } from "../worker/register";
import styles from "./PageShell.module.css";

export function NewVersion() {
  const [use, setUse] = useState<(() => void) | null>(null);
  useEffect(() => void registerWorker((ready) => setUse(() => ready)), []);
  if (!use) return null;
  return (
    <div className={styles.newVersion} role="status">
      {strings.update.ready}
      <Button onClick={use}>{strings.update.use}</Button>
    </div>
  );
}
