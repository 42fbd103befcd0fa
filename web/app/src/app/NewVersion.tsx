/** Offers a newer version of the app when the browser has loaded it. */
import { useEffect, useState } from "react";
import { Button } from "../components/Button";
import { strings } from "../strings";
import { registerWorker } from "../worker/register";
import styles from "./PageShell.module.css";

export function NewVersion() {
  const [activate, setActivate] = useState<(() => void) | null>(null);
  useEffect(() => void registerWorker((ready) => setActivate(() => ready)), []);
  if (!activate) return null;
  return (
    <div className={styles.newVersion} role="status">
      {strings.update.ready}
      <Button onClick={activate}>{strings.update.use}</Button>
    </div>
  );
}
