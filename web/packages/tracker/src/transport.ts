/** Carries one report to the service while it is being watched: the live rhythm. */
import { type Call, type CallOptions, caller, type Failure } from "./calls";
import { isoOf } from "./clock";
import type { ClockOffset } from "./clock-offset";
import { browserNetwork } from "./network";
import type { Report } from "./report";

export type Outcome = { status: "stored" } | Failure;

export interface Transport {
  /** Never throws: a lost connection is an outcome too. */
  send(videoId: string, report: Report): Promise<Outcome>;
}

export interface HttpTransportOptions extends Omit<CallOptions, "fetch"> {
  fetch?: CallOptions["fetch"];
}

export function httpTransport(options: HttpTransportOptions): Transport {
  return transportOver(caller({ fetch: browserNetwork.fetch, ...options }));
}

/** @param aheadMs how far the service's clock is ahead of this device's; undefined while unknown */
export function transportOver(call: Call, aheadMs: ClockOffset["aheadMs"] = () => 0): Transport {
  return {
    async send(videoId, report) {
      const path = `/api/progress/video/${encodeURIComponent(videoId)}/watch-time`;
      const ahead = aheadMs();
      // A live report is of this moment, so that without it the service's own clock is right.
      const observed_at =
        ahead === undefined ? ahead : isoOf(Date.parse(report.observed_at) + ahead);
      // The page may be closed while any report is on its way, not only the last one.
      const answer = await call(path, { ...report, observed_at }, true);
      return answer.status === "ok" ? { status: "stored" } : answer;
    },
  };
}
