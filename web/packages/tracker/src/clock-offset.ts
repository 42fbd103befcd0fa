/** How far this device's clock is off, as far as the service's answers tell. */
import type { Clock } from "./clock";

/** The service takes so much for ordinary; a clock further off would lose to every other device. */
const DRIFT_MS = 5_000;
/** The header counts whole seconds. */
const GRAIN_MS = 1_000;

export interface ClockOffset {
  /** Take in when a request was sent, and the `Date` of its answer; null where it is hidden. */
  observe(sentAtMs: number, date: string | null): void;
  /** How far the service's clock is ahead; undefined where its answers hide their `Date`. */
  aheadMs(): number | undefined;
}

/**
 * The fastest exchange tells best: the service has read its clock somewhere between question and
 * answer, so the middle is off by half the time between them at most.
 */
export function createClockOffset(clock: Clock): ClockOffset {
  let known: { aheadMs: number; offByMs: number } | undefined;
  /** Before any answer this clock is all there is: a report that hangs must not count as new later. */
  let unmeasuredMs: number | undefined = 0;
  return {
    observe(sentAtMs, date) {
      if (!date) {
        unmeasuredMs = undefined;
        return;
      }
      const nowMs = clock.wallMs();
      const aheadMs = Date.parse(date) - (sentAtMs + nowMs) / 2;
      const offByMs = Math.abs(nowMs - sentAtMs) / 2 + GRAIN_MS;
      // Two measurements that exclude each other: this device's clock was set meanwhile.
      const isSet = known && Math.abs(aheadMs - known.aheadMs) > offByMs + known.offByMs;
      if (!known || isSet || offByMs <= known.offByMs) known = { aheadMs, offByMs };
    },
    aheadMs() {
      if (!known) return unmeasuredMs;
      return Math.abs(known.aheadMs) > DRIFT_MS + known.offByMs ? known.aheadMs : 0;
    },
  };
}
