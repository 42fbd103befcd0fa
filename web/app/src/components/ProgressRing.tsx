/** A ring that closes at 100 percent, with the number inside. */
import { roundedDown } from "../lib/format/percent";
import { strings } from "../strings";
import styles from "./ProgressRing.module.css";

const RADIUS = 42;
const LENGTH = 2 * Math.PI * RADIUS;

interface ProgressRingProps {
  percent: number;
  label: string;
  size?: "small" | "large";
}

export function ProgressRing({ percent, label, size = "large" }: ProgressRingProps) {
  // A small ring has no room for a decimal.
  const decimals = size === "small" ? 0 : 1;
  const shown = strings.percent(roundedDown(percent, { decimals }));
  return (
    <div
      className={styles.ring}
      data-size={size}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={shown}
    >
      <svg viewBox="0 0 100 100" aria-hidden="true">
        <circle className={styles.track} cx="50" cy="50" r={RADIUS} />
        <circle
          className={styles.value}
          cx="50"
          cy="50"
          r={RADIUS}
          strokeDasharray={LENGTH}
          strokeDashoffset={LENGTH * (1 - percent / 100)}
        />
      </svg>
      <span className={styles.number}>{shown}</span>
    </div>
  );
}
