/** The bar below a video: the place in full colour, watched spans shaded. */
import { roundedDown } from "../../../lib/format/percent";
import styles from "./WatchedBar.module.css";
import type { Span } from "./watched-spans";

interface WatchedBarProps {
  percent: number;
  durationSeconds: number;
  watchedSpans: readonly Span[];
  label: string;
  valueText: string;
}

export function WatchedBar(props: WatchedBarProps) {
  const { percent, durationSeconds, watchedSpans } = props;
  const share = (seconds: number) => `${(100 * seconds) / durationSeconds}%`;
  return (
    <div
      className={styles.track}
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={roundedDown(percent)}
      aria-valuetext={props.valueText}
    >
      {durationSeconds > 0 &&
        watchedSpans.map(([start, end], index) => (
          <span
            key={index}
            className={styles.watched}
            data-seen=""
            style={{ left: share(start), width: share(end - start) }}
          />
        ))}
      <span className={styles.fill} style={{ transform: `scaleX(${percent / 100})` }} />
    </div>
  );
}
