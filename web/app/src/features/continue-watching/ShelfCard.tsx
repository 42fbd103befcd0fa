/** One card: what to continue, its progress, and a button to dismiss it. */
import type { ContinueItem } from "progress-service-api-client";
import { useEffect, useRef } from "react";
import { Icon } from "../../components/Icon";
import { ProgressBar } from "../../components/ProgressBar";
import { clockTime, clockTimeLeft } from "../../lib/format/time";
import { strings } from "../../strings";
import styles from "./ContinueWatching.module.css";

interface ShelfCardProps {
  card: ContinueItem;
  /** Undefined while it is loading. */
  courseTitle: string | undefined;
  takesFocus: boolean;
  onOpen: (openedBy: string) => void;
  onDismiss: () => void;
}

export function ShelfCard(props: ShelfCardProps) {
  const { card, courseTitle, takesFocus, onOpen, onDismiss } = props;
  const { course_id, title, reason, watch_time, total_duration, progress_percentage } = card;
  const opener = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (takesFocus) opener.current?.focus();
  }, [takesFocus]);
  // By course: its card may show another video later.
  const id = `continue-${course_id}`;
  const place = strings.player.position(clockTime(watch_time), clockTime(total_duration));
  return (
    <article className={styles.card}>
      <span className={styles.tile}>
        <Icon name={total_duration > 0 ? "play" : "reading"} size={24} />
      </span>
      <div className={styles.body}>
        <p className={styles.reason}>
          {strings.shelf.reasons[reason]}
          {courseTitle && (
            <>
              {" · "}
              <span dir="auto">{courseTitle}</span>
            </>
          )}
        </p>
        <button
          type="button"
          id={id}
          ref={opener}
          className={styles.open}
          aria-label={strings.shelf.open(title)}
          onClick={() => onOpen(id)}
        >
          <span dir="auto">{title}</span>
        </button>
        {watch_time > 0 && (
          <>
            <ProgressBar
              percent={progress_percentage}
              label={strings.material.progress(title)}
              valueText={place}
            />
            <p className={styles.left}>
              {strings.player.remaining(clockTimeLeft(Math.max(0, total_duration - watch_time)))}
            </p>
          </>
        )}
      </div>
      <button
        type="button"
        className={styles.dismiss}
        aria-label={strings.shelf.dismiss(title)}
        onClick={onDismiss}
      >
        <Icon name="close" size={16} />
      </button>
    </article>
  );
}
