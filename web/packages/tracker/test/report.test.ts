import { expect, test } from "vitest";
import { type ReportParts, toReport } from "../src/report";

function parts(changed: Partial<ReportParts> = {}): ReportParts {
  return {
    kind: "heartbeat",
    place: {
      positionSeconds: 125.5,
      durationSeconds: 600,
      observedAtMs: Date.UTC(2026, 10, 22, 10, 30),
    },
    spans: [[0, 125.5]],
    playedSeconds: 125.5,
    deviceId: "ipad-1",
    sessionId: "5f0c0f9e-0a0d-4f7e-9a43-0d5a3f5b0c11",
    ...changed,
  };
}

test("a report has the wire's names and nothing else", () => {
  expect(toReport(parts())).toEqual({
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

test("nothing reaches beyond the end of the video", () => {
  const place = { positionSeconds: 90.0084, durationSeconds: 90.0001, observedAtMs: 0 };

  const report = toReport(parts({ place, spans: [[80, 90.0084]] }));

  expect(report.watch_time).toBe(report.total_duration);
  expect(report.played).toEqual([[80, report.total_duration]]);
});

test("at most 200 spans are told, the shortest left out", () => {
  const spans = Array.from(
    { length: 250 },
    (_, at) => [at * 2.2, at * 2.2 + (at < 50 ? 0.5 : 1)] as const,
  );

  const { played } = toReport(parts({ spans }));

  expect(played).toHaveLength(200);
  expect(played[0]?.[0]).toBe(110);
});
