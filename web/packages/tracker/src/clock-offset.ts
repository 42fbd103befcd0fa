/** How far this device's clock is off, as far as the service's answers tell. */
import type { Clock } from "./clock";

/** The service takes so much for ordinary; a clock further off would lose to every other device. */
const DRIFT_MS = 5_000;
/** The header counts whole seconds: it was written up to so much later than it says. */
const GRAIN_MS = 1_000;

export interface ClockOffset {
  /** Take in when a request was sent, and the `Date` of its answer; null where it is hidden. */
  observe(sentAtMs: number, date: string | null): void;
  /** How far the service's clock is ahead; NaN where its answers hide their `Date`. */
  aheadMs(): number;
}

/**
 * The fastest exchange tells best: the service has read its clock somewhere between question and
 * answer, so the middle is off by half the time between them at most. The whole grain is added: a
 * moment read too late by a second loses nothing, one read too early comes before reports that the
 * service has timed itself.
 */
export function createClockOffset(clock: Clock): ClockOffset {
  // Before any answer this clock is all there is: a report that hangs must not count as new later.
  let aheadMs = 0;
  let offByMs = Number.POSITIVE_INFINITY;
  return {
    observe(sentAtMs, date) {
      if (date) {
        const nowMs = clock.wallMs();
        const newAheadMs = Date.parse(date) + GRAIN_MS - (sentAtMs + nowMs) / 2;
        const newOffByMs = Math.abs(nowMs - sentAtMs) / 2 + GRAIN_MS;
        // Two measurements that exclude each other: this device's clock was set meanwhile.
        if (Math.abs(newAheadMs - aheadMs) > newOffByMs + offByMs || newOffByMs <= offByMs) {
          aheadMs = newAheadMs;
          offByMs = newOffByMs;
        }
      } else if (offByMs === Number.POSITIVE_INFINITY) aheadMs = Number.NaN;
    },
    aheadMs: () => (Math.abs(aheadMs) <= DRIFT_MS + offByMs ? 0 : aheadMs),
  };
}
