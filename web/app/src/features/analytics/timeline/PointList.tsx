/** The points of a video in plain words, each a button that goes there. */
import { type ReactNode, useId } from "react";
import { analyticsStrings as texts } from "../../../analytics-strings";
import { type Point, SYMBOLS } from "./points";
import styles from "./Timeline.module.css";
import { type Cue, wordsAt } from "./words";

interface PointListProps {
  points: readonly Point[];
  cues: readonly Cue[];
  partSeconds: number;
  onSelect: (seconds: number) => void;
  /** Downloads the points of one kind. */
  renderDownload: (kind: Point["kind"]) => ReactNode;
}

const KINDS = ["dropOff", "peak"] as const;
/** A part of a short video has room for no sentence. */
const MIN_WORDS_SECONDS = 5;

export function PointList(props: PointListProps) {
  const { points, cues, partSeconds, onSelect, renderDownload } = props;
  const headingId = useId();
  if (points.length === 0) return <p>{texts.points.none}</p>;
  return KINDS.map((kind) => {
    const ofKind = points.filter((point) => point.kind === kind);
    if (ofKind.length === 0) return null;
    return (
      <div key={kind} className={styles.kind}>
        <h3 id={`${headingId}-${kind}`}>{texts.points[kind]}</h3>
        <ol className={styles.points} aria-labelledby={`${headingId}-${kind}`}>
          {ofKind.map(({ atSeconds, sentence }) => {
            const words = wordsAt(cues, atSeconds, Math.max(partSeconds, MIN_WORDS_SECONDS));
            return (
              <li key={atSeconds}>
                <button type="button" onClick={() => onSelect(atSeconds)}>
                  <span className={styles.symbol} data-kind={kind} aria-hidden="true">
                    {SYMBOLS[kind]}
                  </span>
                  <span>
                    {sentence}
                    {words ? ": " : "."}
                    {words && <q>{words}</q>}
                  </span>
                </button>
              </li>
            );
          })}
        </ol>
        {renderDownload(kind)}
      </div>
    );
  });
}
