/** A report as the service reads it: the wire names are in this file only. */
import { toIso } from "./clock";
import { longestSpans, mergeSpans, type Span } from "./intervals";
import type { Playback } from "./playback";

export type ReportKind = "heartbeat" | "pause" | "seek" | "restart" | "ended" | "flush";

/** Absolute values, never differences: the service may receive a report twice, late or never. */
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

/** The limit of the service, and the gap it closes itself. */
const MAX_SPANS = 200;
const JOIN_GAP_SECONDS = 1;
/** The longest that the service accepts, so that a video of unknown length never counts as done. */
const UNKNOWN_DURATION_SECONDS = 86_400;

type Names = Pick<Report, "kind" | "device_id" | "session_id">;

/**
 * The report of what was played so far; null before there is a place.
 *
 * @param lengthSeconds of the media, 0 while unknown
 */
export function toReport(
  { hasNews, spans, playedSeconds, place, isRestart }: Playback,
  lengthSeconds: number,
  names: Names,
): Report | null {
  if (!hasNews || !place) return null;
  const durationSeconds = toMillis(lengthSeconds || UNKNOWN_DURATION_SECONDS);
  const inside = (seconds: number) => Math.min(Math.max(toMillis(seconds), 0), durationSeconds);
  return {
    ...names,
    // A second report from the start of the video must not lose what made the first one count.
    kind: isRestart ? "restart" : names.kind,
    // Elements overshoot their own duration by a few milliseconds at the end.
    watch_time: inside(place.positionSeconds),
    total_duration: durationSeconds,
    observed_at: toIso(place.wallMs),
    played: longestSpans(mergeSpans(spans(), JOIN_GAP_SECONDS), MAX_SPANS).map(
      (span) => span.map(inside) as [number, number],
    ),
    played_seconds: toMillis(playedSeconds),
  };
}

function toMillis(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
