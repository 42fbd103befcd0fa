/** One video of the course, with a thin bar whose tooltip has the exact time watched. */
import type { Material } from "progress-service-api-client";
import { memo, type ReactNode, useId } from "react";
import { Icon } from "../../components/Icon";
import { ProgressBar } from "../../components/ProgressBar";
import { Tooltip } from "../../components/Tooltip";
import { roundedDown } from "../../lib/format/percent";
import { clockTime } from "../../lib/format/time";
import { strings } from "../../strings";
import { CompletedBadge } from "./CompletedBadge";
import styles from "./MaterialList.module.css";
import { isSameProgress, type MaterialProgress } from "./material-progress";
import { openerId } from "./use-return-focus";

interface VideoRowProps {
  entry: MaterialProgress;
  isSelected: boolean;
  isPlaying: boolean;
  onSelect: (videoId: string, openedBy: string) => void;
  renderAction?: (video: Material) => ReactNode;
}

/** While a video plays, only its own row renders again. */
export const VideoRow = memo(function VideoRow(props: VideoRowProps) {
  const { entry, isSelected, isPlaying, onSelect, renderAction } = props;
  const tooltipId = useId();
  const { material, isCompleted, percent, watchedSeconds, durationSeconds } = entry;
  const id = openerId(material.material_id);
  const length = clockTime(durationSeconds);
  const watched = strings.material.watched(clockTime(watchedSeconds), length);
  // Instead of the kind, so that the line does not grow when the video is opened.
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
        onClick={() => onSelect(material.material_id, id)}
      >
        <span className={styles.tile}>
          <Icon name="play" size={22} />
        </span>
      </button>
      <div className={styles.body}>
        <p className={styles.title} dir="auto">
          {material.title}
        </p>
        <p className={styles.about}>
          {isSelected ? opened : strings.material.video}
          {durationSeconds > 0 && ` · ${length}`}
          {percent > 0 && (
            <span className={styles.minutes} data-minutes="">
              {strings.material.minutesWatched(watchedSeconds)}
            </span>
          )}
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
        {renderAction?.(material)}
      </div>
    </>
  );
}, isSameRow);

function isSameRow(one: VideoRowProps, other: VideoRowProps): boolean {
  return (
    one.isSelected === other.isSelected &&
    one.isPlaying === other.isPlaying &&
    one.onSelect === other.onSelect &&
    one.renderAction === other.renderAction &&
    isSameProgress(one.entry, other.entry)
  );
}
