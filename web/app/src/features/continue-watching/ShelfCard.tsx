/** One card: what to go on with, how far it is, and the way off the shelf. */
import type { ContinueItem } from "@progress/api-client";
import { Icon } from "../../components/Icon";
import { ProgressBar } from "../../components/ProgressBar";
import { clockTime, clockTimeLeft } from "../../lib/time";
import { strings } from "../../strings";
import styles from "./ContinueWatching.module.css";

interface ShelfCardProps {
  card: ContinueItem;
  onOpen: () => void;
  onDismiss: () => void;
}

export function ShelfCard({ card, onOpen, onDismiss }: ShelfCardProps) {
  const { title, reason, watch_time, total_duration, progress_percentage } = card;
  const place = strings.player.position(clockTime(watch_time), clockTime(total_duration));
  return (
    <article className={styles.card}>
      <span className={styles.tile}>
        <Icon name={total_duration > 0 ? "play" : "reading"} size={24} />
      </span>
      <div className={styles.body}>
        <p className={styles.reason}>{strings.shelf.reasons[reason]}</p>
        <button
          type="button"
          className={styles.open}
          aria-label={strings.shelf.open(title)}
          onClick={onOpen}
        >
          {title}
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
