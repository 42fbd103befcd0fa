/** How far through the video the learner is, and how much is left. */
import type { WatchProgress } from "progress-service-tracker-react";
import { Icon } from "../../components/Icon";
import { roundedDown } from "../../lib/percent";
import { clockTime, clockTimeLeft } from "../../lib/time";
import { strings } from "../../strings";
import { SeenTrack } from "./SeenTrack";
import type { Span } from "./seen-spans";
import styles from "./WatchProgressBar.module.css";

interface WatchProgressBarProps {
  progress: Pick<
    WatchProgress,
    "positionSeconds" | "durationSeconds" | "percent" | "remainingSeconds"
  >;
  isCompleted: boolean;
  seenSpans: readonly Span[];
}

export function WatchProgressBar(props: WatchProgressBarProps) {
  const { progress, isCompleted, seenSpans } = props;
  const { positionSeconds, durationSeconds, percent, remainingSeconds } = progress;
  const position = clockTime(positionSeconds);
  return (
    <div className={styles.progress}>
      <SeenTrack
        percent={percent}
        durationSeconds={durationSeconds}
        seenSpans={seenSpans}
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
