/** A report as the service reads it; the wire names stand here and nowhere else in the tracker. */
import { isoOf } from "./clock";
import { longestSpans, mergeSpans, type Span } from "./intervals";
import type { Place, Playback } from "./playback";

export type ReportKind = "heartbeat" | "pause" | "seek" | "restart" | "ended" | "flush";

/** Absolute values, never differences: the service may see a report twice, late or not at all. */
export interface Report {
  watch_time: number;
  total_duration: number;
  observed_at: string;
  kind: ReportKind;
  device_id: string;
  session_id: string;
  played: Span[];
  played_seconds: number;
}

/** The service's own limit, and the gap it closes by itself. */
const MAX_SPANS = 200;
const JOIN_GAP_SECONDS = 1;
/** The longest the service takes. A video of unknown length is then never taken for nearly done. */
const UNKNOWN_DURATION_SECONDS = 86_400;

type Names = Pick<Report, "kind" | "device_id" | "session_id">;

/** @param lengthSeconds of the media, 0 while unknown */
export function toReport(
  { spans, playedSeconds }: Playback,
  place: Place,
  lengthSeconds: number,
  names: Names,
): Report {
  const durationSeconds = toMillis(lengthSeconds || UNKNOWN_DURATION_SECONDS);
  const inside = (seconds: number) => Math.min(Math.max(toMillis(seconds), 0), durationSeconds);
  return {
    ...names,
    // Elements overshoot their own duration by a few milliseconds at the end.
    watch_time: inside(place.positionSeconds),
    total_duration: durationSeconds,
    observed_at: isoOf(place.wallMs),
    played: longestSpans(mergeSpans(spans(), JOIN_GAP_SECONDS), MAX_SPANS).map(([start, end]) => [
      inside(start),
      inside(end),
    ]),
    played_seconds: toMillis(playedSeconds),
  };
}

function toMillis(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
