/** The marks above the charts: each is a button that goes to its place in the video. */
import { analyticsStrings as texts } from "../../../analytics-strings";
import { percentOf } from "../charts/scale";
import { type Point, rowsOf, SYMBOLS } from "./points";
import styles from "./Timeline.module.css";

interface MarksProps {
  points: readonly Point[];
  durationSeconds: number;
  onSelect: (seconds: number) => void;
}

/** In percent of the width: the width of a mark on a small phone. */
const MIN_GAP = 11;
const ROW_REM = 1.875;

export function Marks({ points, durationSeconds, onSelect }: MarksProps) {
  if (points.length === 0) return null;
  const inOrder = points.toSorted((one, other) => one.atSeconds - other.atSeconds);
  const places = inOrder.map(({ atSeconds }) => percentOf(atSeconds, durationSeconds));
  const rows = rowsOf(places, MIN_GAP);
  return (
    <ul
      className={styles.marks}
      aria-label={texts.video.marks}
      style={{ height: `${(Math.max(...rows) + 1) * ROW_REM}rem` }}
    >
      {inOrder.map(({ kind, atSeconds, label }, index) => (
        <li
          key={label}
          className={styles.mark}
          style={{ left: `${places[index]}%`, bottom: `${(rows[index] ?? 0) * ROW_REM}rem` }}
        >
          <button
            type="button"
            data-kind={kind}
            aria-label={label}
            title={label}
            onClick={() => onSelect(atSeconds)}
          >
            <span aria-hidden="true">{SYMBOLS[kind]}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
