import { expect, test } from "vitest";
import { createPlayback, type Moment } from "../src/playback";
import { toReport } from "../src/report";

const names = {
  kind: "heartbeat",
  device_id: "ipad-1",
  session_id: "5f0c0f9e-0a0d-4f7e-9a43-0d5a3f5b0c11",
} as const;

const at = (positionSeconds: number, changed: Partial<Moment> = {}): Moment => ({
  positionSeconds,
  durationSeconds: 600,
  rate: 1,
  isPlaying: true,
  isSeeking: false,
  wallMs: Date.UTC(2026, 10, 22, 10, 30),
  steadyMs: positionSeconds * 1000,
  ...changed,
});

/** The report of a session that has played these spans. */
function reportOf(spans: readonly (readonly [Moment, Moment])[]) {
  const playback = createPlayback();
  for (const [start, end] of spans) {
    playback.observe("timeupdate", start, true);
    playback.observe("timeupdate", end, false);
  }
  return toReport(playback, playback.place?.durationSeconds ?? 0, names);
}

test("report has the wire names and nothing else", () => {
  expect(reportOf([[at(0), at(125.5)]])).toEqual({
    watch_time: 125.5,
    total_duration: 600,
    observed_at: "2026-11-22T10:30:00.000Z",
    kind: "heartbeat",
    device_id: "ipad-1",
    session_id: "5f0c0f9e-0a0d-4f7e-9a43-0d5a3f5b0c11",
    played: [[0, 125.5]],
    played_seconds: 125.5,
  });
});

test("report does not reach beyond the end of the video", () => {
  const durationSeconds = 90.0001;

  const report = reportOf([[at(80, { durationSeconds }), at(90.0084, { durationSeconds })]]);

  expect(report?.watch_time).toBe(report?.total_duration);
  expect(report?.played).toEqual([[80, report?.total_duration]]);
});

test("video of unknown length has the longest length, so that it is never done", () => {
  const report = reportOf([[at(0, { durationSeconds: 0 }), at(12, { durationSeconds: 0 })]]);

  expect(report).toMatchObject({ watch_time: 12, total_duration: 86_400, played: [[0, 12]] });
});

test("report has at most 200 spans, without the shortest", () => {
  const spans = Array.from(
    { length: 250 },
    (_, index) => [at(index * 2.2), at(index * 2.2 + (index < 50 ? 0.5 : 1))] as const,
  );

  const played = reportOf(spans)?.played;

  expect(played).toHaveLength(200);
  expect(played?.[0]?.[0]).toBe(110);
});
