/** Drop-offs and replay peaks: the points of a video where a class differs from its usual course. */
import type { VideoAnalytics } from "progress-service-api-client";
import { analyticsStrings as texts } from "../../../analytics-strings";
import { clockTime } from "../../../lib/format/time";

export interface Point {
  kind: "dropOff" | "peak";
  atSeconds: number;
  /** What happens there, without the words said. */
  sentence: string;
  /** The same for the mark on the timeline. */
  label: string;
}

/** Beside a text or with a label. */
export const SYMBOLS: Readonly<Record<Point["kind"], string>> = { dropOff: "▼", peak: "↻" };

/** Each kind with its most learners first, as the service ranks them. */
export function pointsOf(video: VideoAnalytics): Point[] {
  const { drop_offs, replay_peaks, learners } = video;
  return [
    ...drop_offs.map(({ at_seconds, viewers_lost, chapter }): Point => {
      const time = clockTime(at_seconds);
      return {
        kind: "dropOff",
        atSeconds: at_seconds,
        sentence: texts.points.ofDropOff(viewers_lost, learners.viewers, time, chapter),
        label: texts.video.dropOffMark(time, viewers_lost),
      };
    }),
    ...replay_peaks.map(({ at_seconds, replays, chapter }): Point => {
      const time = clockTime(at_seconds);
      return {
        kind: "peak",
        atSeconds: at_seconds,
        sentence: texts.points.ofPeak(replays, time, chapter),
        label: texts.video.peakMark(time, replays),
      };
    }),
  ];
}

/**
 * The row of each mark, so that marks closer than `minGap` do not cover each other.
 *
 * @param places in ascending order, in any unit
 */
export function rowsOf(places: readonly number[], minGap: number): number[] {
  const lastOfRow: number[] = [];
  return places.map((place) => {
    const free = lastOfRow.findIndex((last) => place - last >= minGap);
    const row = free < 0 ? lastOfRow.length : free;
    lastOfRow[row] = place;
    return row;
  });
}
