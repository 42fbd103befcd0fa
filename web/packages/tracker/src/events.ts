/** Sends stored reports to the service as one batch of events. */
import { type Clock, toIso } from "./clock";
import type { ClockOffset } from "./clock-offset";
import type { RequestResult, SendRequest } from "./http";
import type { OutboxEntry } from "./store";

export interface EventsOptions {
  request: SendRequest;
  clock: Clock;
  toServiceMs: ClockOffset["toServiceMs"];
}

/** @param keepalive the request outlives its page */
export function sendEvents(
  entries: readonly OutboxEntry[],
  { request, clock, toServiceMs }: EventsOptions,
  keepalive?: boolean,
): Promise<RequestResult> {
  // By the same clock offset as live reports; without one, the service corrects by `sent_at`.
  const corrected = (wallMs: number) => toIso(toServiceMs(wallMs) || wallMs);
  const events = entries.map(({ id, videoId, report }) => ({
    event_id: id,
    video_id: videoId,
    ...report,
    observed_at: corrected(Date.parse(report.observed_at)),
  }));
  return request("/api/progress/events", { sent_at: corrected(clock.wallMs()), events }, keepalive);
}
