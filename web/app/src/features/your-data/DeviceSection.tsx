/** What this browser holds, and a button to delete it. */
import { useCallback, useEffect, useState } from "react";
import { Button } from "../../components/Button";
import { useService } from "../../lib/api/service";
import { clearDevice, onDeviceCleared } from "../../lib/session/clear-device";
import { strings } from "../../strings";
import { yourDataStrings } from "../../your-data-strings";
import { type DeviceContents, readDeviceContents } from "./device-contents";
import { Section } from "./Section";
import styles from "./YourDataPage.module.css";

const texts = yourDataStrings.device;

/** @param pendingMarks marks made by hand that the service has not stored */
export function DeviceSection({ pendingMarks }: { pendingMarks: number }) {
  const { contents, read } = useContents();
  const [work, setWork] = useState<"idle" | "clearing" | "cleared">("idle");
  const pending = (contents?.pending ?? 0) + pendingMarks;
  const rows = contents ? rowsOf(contents, pending) : [];
  const clear = async () => {
    setWork("clearing");
    await clearDevice();
    await read();
    setWork("cleared");
  };
  return (
    <Section heading={texts.heading}>
      {contents === undefined && <p>{texts.loading}</p>}
      {contents === null && <p>{texts.unknown}</p>}
      {contents && rows.length === 0 && <p>{texts.nothing}</p>}
      {rows.length > 0 && (
        <ul className={styles.list}>
          {rows.map((row) => (
            <li key={row}>{row}</li>
          ))}
        </ul>
      )}
      <p className={styles.hint}>{texts.clearHint}</p>
      <div className={styles.actions}>
        <Button onClick={() => void clear()} isBusy={work === "clearing"}>
          {pending > 0 ? texts.clearPending(pending) : texts.clear}
        </Button>
        <span role="status">{work === "cleared" && texts.cleared}</span>
      </div>
    </Section>
  );
}

/** Undefined while it is read, null when the storage does not respond. */
function useContents() {
  const { accountId, saving } = useService();
  const [contents, setContents] = useState<DeviceContents | null>();
  const read = useCallback(
    async () => setContents(await readDeviceContents(accountId, saving.store)),
    [accountId, saving],
  );
  useEffect(() => {
    void read();
    // What was sent meanwhile is not pending any more.
    return saving.subscribe(() => void read());
  }, [read, saving]);
  useEffect(() => onDeviceCleared(() => setTimeout(() => void read())), [read]);
  return { contents, read };
}

function rowsOf(contents: DeviceContents, pending: number): string[] {
  const { places, downloads, downloadedBytes, hasPages, hasSettings } = contents;
  return [
    pending > 0 && texts.pending(pending),
    places > 0 && texts.places(places),
    downloads > 0 && texts.downloads(downloads, strings.offline.size(downloadedBytes)),
    hasPages && texts.pages,
    hasSettings && texts.settings,
  ].filter((row) => row !== false);
}
