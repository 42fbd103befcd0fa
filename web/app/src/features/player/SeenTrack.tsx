/** The bar below a video: the place in full colour, what was seen shaded. */
import { roundedDown } from "../../lib/percent";
import styles from "./SeenTrack.module.css";
import type { Span } from "./seen-spans";

interface SeenTrackProps {
  percent: number;
  durationSeconds: number;
  seenSpans: readonly Span[];
  label: string;
  valueText: string;
}

export function SeenTrack(props: SeenTrackProps) {
  const { percent, durationSeconds, seenSpans } = props;
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
        seenSpans.map(([start, end], index) => (
          <span
            key={index}
            className={styles.seen}
            data-seen=""
            style={{ left: share(start), width: share(end - start) }}
          />
        ))}
      <span className={styles.fill} style={{ transform: `scaleX(${percent / 100})` }} />
    </div>
  );
}
