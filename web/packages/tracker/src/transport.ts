/** Carries one report to the service while it is being watched: the live rhythm. */
import type { Call, Failure } from "./calls";
import { isoOf } from "./clock";
import type { ClockOffset } from "./clock-offset";
import type { Report } from "./report";

export type Outcome = { status: "stored" } | Failure;

export interface Transport {
  /** Never throws: a lost connection is an outcome too. */
  send(videoId: string, report: Report): Promise<Outcome>;
}

/** @param toServiceMs a moment of this device by the service's clock; NaN while unknown */
export function transportOver(call: Call, toServiceMs: ClockOffset["toServiceMs"]): Transport {
  return {
    async send(videoId, report) {
      const path = `/api/progress/video/${encodeURIComponent(videoId)}/watch-time`;
      const atMs = toServiceMs(Date.parse(report.observed_at));
      // A live report is of this moment, so that without it the service's own clock is right.
      const observed_at = atMs ? isoOf(atMs) : undefined;
      // The page may be closed while any report is on its way, not only the last one.
      const answer = await call(path, { ...report, observed_at }, true);
      return answer.status === "ok" ? { status: "stored" } : answer;
    },
  };
}
