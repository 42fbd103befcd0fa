/** A report as the service reads it; the wire names stand here and nowhere else in the tracker. */
import { longestSpans, mergeSpans, type Span } from "./intervals";
import type { Place } from "./playback";

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

export interface ReportParts {
  kind: ReportKind;
  place: Place;
  spans: readonly Span[];
  playedSeconds: number;
  deviceId: string;
  sessionId: string;
}

export function toReport(parts: ReportParts): Report {
  const durationSeconds = toMillis(parts.place.durationSeconds);
  const inside = (seconds: number) => Math.min(Math.max(toMillis(seconds), 0), durationSeconds);
  const spans = longestSpans(mergeSpans(parts.spans, JOIN_GAP_SECONDS), MAX_SPANS);
  return {
    // Elements overshoot their own duration by a few milliseconds at the end.
    watch_time: inside(parts.place.positionSeconds),
    total_duration: durationSeconds,
    observed_at: new Date(parts.place.observedAtMs).toISOString(),
    kind: parts.kind,
    device_id: parts.deviceId,
    session_id: parts.sessionId,
    played: spans.map(([start, end]) => [inside(start), inside(end)]),
    played_seconds: toMillis(parts.playedSeconds),
  };
}

function toMillis(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
