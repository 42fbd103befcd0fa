/** Keeps a course's videos on this device, when the learner asks for it. */
import type { Course } from "progress-service-api-client";
import { useEffect, useId, useState } from "react";
import { Button } from "../../components/Button";
import { Notice } from "../../components/Notice";
import { strings } from "../../strings";
import styles from "./KeepVideos.module.css";
import { areKept, canKeep, filesToKeep, keep, letGo } from "./videos";

type State = "unknown" | "away" | "kept" | "failed" | { done: number };

export function KeepVideos({ course }: { course: Course }) {
  const headingId = useId();
  const [files] = useState(() => filesToKeep(course));
  const [state, setState] = useState<State>("unknown");
  useEffect(() => {
    if (!canKeep()) return;
    areKept(files).then(
      (all) => setState(all ? "kept" : "away"),
      () => setState("failed"),
    );
  }, [files]);
  if (!canKeep() || files.length === 0) return null;

  const start = async () => {
    setState({ done: 0 });
    try {
      await keep(files, (done) => setState({ done }));
      setState("kept");
    } catch {
      setState("failed");
    }
  };
  const remove = async () => {
    await letGo(files);
    setState("away");
  };
  const isKeeping = typeof state === "object";
  const isKept = state === "kept";

  return (
    <section className={styles.box} aria-labelledby={headingId}>
      <h2 id={headingId}>{strings.offline.heading}</h2>
      <p className={styles.state} role="status">
        {isKept && strings.offline.kept}
        {isKeeping && strings.offline.keeping(state.done, files.length)}
        {(state === "away" || state === "unknown") && strings.offline.away}
      </p>
      {state === "failed" && <Notice text={strings.offline.failed} />}
      {/* One button for all of it: another one in its place would not have the keyboard. */}
      <Button
        onClick={() => void (isKept ? remove() : start())}
        isBusy={state === "unknown" || isKeeping}
      >
        {isKept ? strings.offline.remove : strings.offline.keep}
      </Button>
    </section>
  );
}
