/** What the service stores about the learner, counted, and the download of all of it. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/Button";
import { Notice } from "../../components/Notice";
import { Skeleton } from "../../components/Skeleton";
import { remedyFor } from "../../lib/api/problem";
import { queryKeys } from "../../lib/api/query-keys";
import { useService } from "../../lib/api/service";
import { useFailure } from "../../lib/api/use-failure";
import { yourDataStrings } from "../../your-data-strings";
import { type HeldData, IncompleteExport, readExport } from "./export-file";
import { useHeldData } from "./queries";
import { Section } from "./Section";
import { saveFile } from "./save-file";
import styles from "./YourDataPage.module.css";

const texts = yourDataStrings.held;

export function HeldSection() {
  const held = useHeldData({ isEnabled: true });
  const failure = useFailure([held]);
  return (
    <Section heading={texts.heading}>
      {failure && (
        <Notice
          text={exportRemedy(failure.error)}
          onRetry={() => void held.refetch()}
          isRetrying={failure.isRetrying}
        />
      )}
      {held.data ? (
        <HeldList held={held.data} />
      ) : (
        !failure && (
          <div role="status" aria-label={texts.loading}>
            <Skeleton height="8rem" />
          </div>
        )
      )}
      <Download />
    </Section>
  );
}

function HeldList({ held }: { held: HeldData }) {
  const rows = rowsOf(held);
  if (rows.length === 0) return <p>{texts.nothing}</p>;
  return (
    <ul className={styles.list}>
      {rows.map((row) => (
        <li key={row}>{row}</li>
      ))}
    </ul>
  );
}

function rowsOf(held: HeldData): string[] {
  const counted = [
    [held.courses, texts.courses],
    [held.formerCourses, texts.formerCourses],
    [held.materials, texts.materials],
    [held.completed, texts.completed],
    [held.visits, texts.visits],
    [held.devices, texts.devices],
    [held.messages, texts.messages],
    [held.statements, texts.statements],
    [held.preferences, () => texts.preference],
    [held.others, texts.others],
  ] as const;
  return counted.filter(([count]) => count > 0).map(([count, text]) => text(count));
}

type DownloadState = "idle" | "loading" | "saved" | { error: unknown };

function Download() {
  const { client } = useService();
  const queryClient = useQueryClient();
  const [state, setState] = useState<DownloadState>("idle");
  const start = async () => {
    setState("loading");
    try {
      const { file, held } = await readExport(client);
      queryClient.setQueryData(queryKeys.export, held);
      saveFile(`progress-data-${new Date().toISOString().slice(0, 10)}.ndjson`, file);
      setState("saved");
    } catch (error) {
      setState({ error });
    }
  };
  return (
    <>
      <p className={styles.hint}>{texts.downloadHint}</p>
      <div className={styles.actions}>
        <Button onClick={() => void start()} isBusy={state === "loading"}>
          {texts.download}
        </Button>
        <span role="status">
          {state === "loading" && texts.downloading}
          {state === "saved" && texts.downloaded}
        </span>
      </div>
      {typeof state === "object" && <Notice text={exportRemedy(state.error)} />}
    </>
  );
}

function exportRemedy(error: unknown): string {
  return error instanceof IncompleteExport ? texts.broken : remedyFor(error);
}
