/** One video of the course, with a thin bar that tells the exact time watched. */
import { useId } from "react";
import { Icon } from "../../components/Icon";
import { ProgressBar } from "../../components/ProgressBar";
import { Tooltip } from "../../components/Tooltip";
import { roundedDown } from "../../lib/percent";
import { clockTime } from "../../lib/time";
import { strings } from "../../strings";
import { CompletedBadge } from "./CompletedBadge";
import styles from "./MaterialList.module.css";
import type { MaterialProgress } from "./material-progress";
import { openerId } from "./use-return-focus";

interface VideoRowProps {
  entry: MaterialProgress;
  isSelected: boolean;
  isPlaying: boolean;
  onSelect: (openedBy: string) => void;
}

export function VideoRow({ entry, isSelected, isPlaying, onSelect }: VideoRowProps) {
  const tooltipId = useId();
  const { material, isCompleted, percent, watchedSeconds, durationSeconds } = entry;
  const id = openerId(material.material_id);
  const length = clockTime(durationSeconds);
  const watched = strings.material.watched(clockTime(watchedSeconds), length);
  // In place of the kind, so that the line does not grow when the video is opened.
  const opened = isPlaying ? strings.material.playing : strings.material.opened;
  return (
    <>
      <button
        type="button"
        id={id}
        className={styles.opener}
        aria-label={strings.material.play(material.title)}
        aria-describedby={tooltipId}
        aria-current={isSelected ? "true" : undefined}
        onClick={() => onSelect(id)}
      >
        <span className={styles.tile}>
          <Icon name="play" size={22} />
        </span>
      </button>
      <div className={styles.body}>
        <p className={styles.title}>{material.title}</p>
        <p className={styles.about}>
          {isSelected ? opened : strings.material.video}
          {durationSeconds > 0 && ` · ${length}`}
        </p>
        <label className={styles.bar} htmlFor={id}>
          <Tooltip text={watched} id={tooltipId}>
            <ProgressBar
              percent={percent}
              label={strings.material.progress(material.title)}
              valueText={watched}
              isDone={isCompleted}
            />
          </Tooltip>
        </label>
      </div>
      <div className={styles.state}>
        {isCompleted ? <CompletedBadge /> : percent > 0 && strings.percent(roundedDown(percent))}
      </div>
    </>
  );
}
