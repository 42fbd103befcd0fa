/** One reading of the course, which the learner marks as done. */
import { useMutation } from "@tanstack/react-query";
import { Button } from "../../components/Button";
import { Icon } from "../../components/Icon";
import { Notice } from "../../components/Notice";
import { remedyFor } from "../../lib/api/problem";
import { useService } from "../../lib/api/service";
import { belowRoot, isWebAddress } from "../../lib/media/sources";
import { useMarks } from "../../lib/progress/marks";
import { strings } from "../../strings";
import { CompletedBadge } from "./CompletedBadge";
import styles from "./MaterialList.module.css";
import type { MaterialProgress } from "./material-progress";
import { openerId } from "./use-return-focus";

export function ReadingRow({ entry }: { entry: MaterialProgress }) {
  const { material, isCompleted, isPending } = entry;
  const { isPreview } = useService();
  const marks = useMarks();
  const mark = useMutation({
    networkMode: "always",
    mutationFn: (isDone: boolean) => marks.mark(material.material_id, isDone),
  });
  const toggle = () => mark.mutate(!isCompleted);
  const action = isCompleted ? strings.material.unmark : strings.material.mark;
  return (
    <>
      <span className={styles.tile} data-kind="reading">
        <Icon name="reading" size={22} />
      </span>
      <div className={styles.body}>
        <p className={styles.title} dir="auto">
          {material.title}
        </p>
        <p className={styles.about}>
          {strings.material.reading}
          {isWebAddress(material.source_url) && (
            <>
              {" · "}
              <a href={belowRoot(material.source_url)} target="_blank" rel="noreferrer">
                {strings.material.open}
                <span className="visually-hidden"> {material.title}</span>
              </a>
            </>
          )}
        </p>
        {!isPreview && (
          <div className={styles.action}>
            <Button
              id={openerId(material.material_id)}
              onClick={toggle}
              isBusy={mark.isPending}
              aria-label={`${action}: ${material.title}`}
            >
              {action}
            </Button>
            {isPending && <span className={styles.waiting}>{strings.material.markWaiting}</span>}
          </div>
        )}
        <p className="visually-hidden" role="status">
          {mark.isSuccess &&
            (isCompleted
              ? strings.material.marked(material.title)
              : strings.material.unmarked(material.title))}
        </p>
        {mark.isError && (
          <Notice
            heading={strings.material.markFailed}
            text={remedyFor(mark.error)}
            onRetry={toggle}
          />
        )}
      </div>
      <div className={styles.state}>{isCompleted && <CompletedBadge />}</div>
    </>
  );
}
