/** The chapters of a video, each with a button to go there. */
import type { Material } from "progress-service-api-client";
import { memo, useId } from "react";
import { clockTime } from "../../lib/format/time";
import { strings } from "../../strings";
import styles from "./ChapterList.module.css";

interface ChapterListProps {
  chapters: NonNullable<Material["chapters"]>;
  /** The start of the current chapter, if any. */
  currentStartSeconds: number | undefined;
  onSelect: (startSeconds: number) => void;
}

/** Renders again when another chapter begins, not whenever the place moves. */
export const ChapterList = memo(function ChapterList(props: ChapterListProps) {
  const { chapters, currentStartSeconds, onSelect } = props;
  const headingId = useId();
  if (chapters.length === 0) return null;
  return (
    <div className={styles.chapters}>
      <h3 id={headingId}>{strings.player.chapters}</h3>
      <ol aria-labelledby={headingId}>
        {chapters.map((chapter) => (
          <li key={chapter.start_seconds}>
            <button
              type="button"
              className={styles.chapter}
              aria-current={chapter.start_seconds === currentStartSeconds ? "true" : undefined}
              onClick={() => onSelect(chapter.start_seconds)}
            >
              <span className={styles.time}>{clockTime(chapter.start_seconds)}</span>
              <span dir="auto">{chapter.title}</span>
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
});
