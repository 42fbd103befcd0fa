/** A horizontal bar from 0 to 100 percent. */
import { roundedDown } from "../lib/format/percent";
import styles from "./ProgressBar.module.css";

interface ProgressBarProps {
  percent: number;
  /** What the bar shows, for screen readers. */
  label: string;
  /** The value in words; the percentage when left out. */
  valueText?: string;
  size?: "thin" | "thick";
  isDone?: boolean;
}

export function ProgressBar({
  percent,
  label,
  valueText,
  size = "thin",
  isDone,
}: ProgressBarProps) {
  return (
    <span
      className={styles.track}
      data-size={size}
      data-done={isDone || undefined}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={roundedDown(percent)}
      aria-valuetext={valueText}
    >
      <span className={styles.fill} style={{ transform: `scaleX(${percent / 100})` }} />
    </span>
  );
}
