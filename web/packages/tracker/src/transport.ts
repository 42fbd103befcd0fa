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

/** A better measurement moves the offset by less than this; anything more is a clock that was set. */
const REFINED_MS = 3_000;

/** @param aheadMs how far the service's clock is ahead of this device's; NaN while unknown */
export function transportOver(call: Call, aheadMs: ClockOffset["aheadMs"] = () => 0): Transport {
  let newestMs = 0;
  return {
    async send(videoId, report) {
      const path = `/api/progress/video/${encodeURIComponent(videoId)}/watch-time`;
      const atMs = Date.parse(report.observed_at) + aheadMs();
      // A better measurement must not make this report older than the one before.
      newestMs = Math.max(atMs, newestMs < atMs + REFINED_MS ? newestMs + 1 : 0);
      // A live report is of this moment, so that without it the service's own clock is right.
      const observed_at = newestMs ? isoOf(newestMs) : undefined;
      // The page may be closed while any report is on its way, not only the last one.
      const answer = await call(path, { ...report, observed_at }, true);
      return answer.status === "ok" ? { status: "stored" } : answer;
    },
  };
}
