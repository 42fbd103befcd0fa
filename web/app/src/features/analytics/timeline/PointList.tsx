/** The points of a video in plain words, each a button that goes there. */
import { useId } from "react";
import { analyticsStrings as texts } from "../../../analytics-strings";
import type { Point } from "./points";
import styles from "./Timeline.module.css";
import { type Cue, wordsAt } from "./words";

interface PointListProps {
  points: readonly Point[];
  cues: readonly Cue[];
  partSeconds: number;
  onSelect: (seconds: number) => void;
}

/** A part of a short video has room for no sentence. */
const MIN_WORDS_SECONDS = 5;

export function PointList({ points, cues, partSeconds, onSelect }: PointListProps) {
  const headingId = useId();
  const kinds = [
    { kind: "dropOff", heading: texts.points.dropOffs },
    { kind: "peak", heading: texts.points.peaks },
  ] as const;
  if (points.length === 0) return <p>{texts.points.none}</p>;
  return kinds.map(({ kind, heading }) => {
    const ofKind = points.filter((point) => point.kind === kind);
    if (ofKind.length === 0) return null;
    return (
      <div key={kind}>
        <h3 id={`${headingId}-${kind}`}>{heading}</h3>
        <ol className={styles.points} aria-labelledby={`${headingId}-${kind}`}>
          {ofKind.map(({ atSeconds, sentence }) => {
            const words = wordsAt(cues, atSeconds, Math.max(partSeconds, MIN_WORDS_SECONDS));
            return (
              <li key={atSeconds}>
                <button type="button" onClick={() => onSelect(atSeconds)}>
                  {sentence}
                  {words ? ": " : "."}
                  {words && <q>{words}</q>}
                </button>
              </li>
            );
          })}
        </ol>
      </div>
    );
  });
}
