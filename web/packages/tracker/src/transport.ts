/** Sends one live report, while its video is being watched. */
import { toIso } from "./clock";
import type { ClockOffset } from "./clock-offset";
import type { Failure, SendRequest } from "./http";
import type { Report } from "./report";

export type Outcome = { status: "stored" } | Failure;

export interface Transport {
  /** Never throws: a lost connection is an outcome too. */
  send(videoId: string, report: Report): Promise<Outcome>;
}

export function createTransport(
  request: SendRequest,
  toServiceMs: ClockOffset["toServiceMs"],
): Transport {
  return {
    async send(videoId, report) {
      const path = `/api/progress/video/${encodeURIComponent(videoId)}/watch-time`;
      const atMs = toServiceMs(Date.parse(report.observed_at));
      // A live report is of this moment, so that without it the service uses its own clock.
      const observed_at = atMs ? toIso(atMs) : undefined;
      // With keepalive: the page may close while any report is being sent.
      const result = await request(path, { ...report, observed_at }, true);
      return result.status === "ok" ? { status: "stored" } : result;
    },
  };
}
