/** The progress in the video, and the time left. */
import type { WatchProgress } from "progress-service-tracker-react";
import { Icon } from "../../../components/Icon";
import { roundedDown } from "../../../lib/format/percent";
import { clockTime, clockTimeLeft } from "../../../lib/format/time";
import { strings } from "../../../strings";
import { WatchedBar } from "./WatchedBar";
import styles from "./WatchProgressBar.module.css";
import type { Span } from "./watched-spans";

interface WatchProgressBarProps {
  progress: Pick<
    WatchProgress,
    "positionSeconds" | "durationSeconds" | "percent" | "remainingSeconds"
  >;
  isCompleted: boolean;
  watchedSpans: readonly Span[];
}

export function WatchProgressBar(props: WatchProgressBarProps) {
  const { progress, isCompleted, watchedSpans } = props;
  const { positionSeconds, durationSeconds, percent, remainingSeconds } = progress;
  const position = clockTime(positionSeconds);
  return (
    <div className={styles.progress}>
      <WatchedBar
        percent={percent}
        durationSeconds={durationSeconds}
        watchedSpans={watchedSpans}
        label={strings.player.progress}
        valueText={strings.player.position(position, clockTime(durationSeconds))}
      />
      <div className={styles.figures}>
        <span className={styles.percent}>{strings.percent(roundedDown(percent))}</span>
        {isCompleted && (
          <span className={styles.completed}>
            <Icon name="tick" size={14} />
            <span className="hidden-on-phones">{strings.player.completed}</span>
          </span>
        )}
        <span className={styles.remaining}>
          {strings.player.remaining(clockTimeLeft(remainingSeconds))}
        </span>
      </div>
    </div>
  );
}
