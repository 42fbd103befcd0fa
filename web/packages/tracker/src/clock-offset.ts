/** How far this device's clock is off, as far as the service's answers tell. */
import type { Clock } from "./clock";

/** The service takes so much for ordinary; a clock further off would lose to every other device. */
const DRIFT_MS = 5_000;
/** The header counts whole seconds. */
const GRAIN_MS = 1_000;

export interface ClockOffset {
  /** Take in when a request was sent, and the `Date` of its answer; null where it is hidden. */
  observe(sentAtMs: number, date: string | null): void;
  /**
   * A moment of this clock by the service's; NaN where its answers hide their `Date`. Of two moments
   * the later one stays the later one.
   */
  toServiceMs(wallMs: number): number;
}

/**
 * The fastest exchange tells best: the service has read its clock somewhere between question and
 * answer, so the middle is off by half the time between them at most. Only a far better one takes
 * its place, and time does not go back for it: it passes at half the speed until it agrees.
 */
export function createClockOffset(clock: Clock): ClockOffset {
  // Before any answer this clock is all there is: a report that hangs must not count as new later.
  let aheadMs = 0;
  /** 0 before any measurement. */
  let offByMs = 0;
  /** Added to `aheadMs` when it sank, and from then on half a second less each second. */
  let slewMs = 0;
  let slewSinceMs = 0;
  const at = (wallMs: number) =>
    aheadMs + Math.max(0, slewMs - Math.max(0, wallMs - slewSinceMs) / 2);
  return {
    observe(sentAtMs, date) {
      if (date) {
        const nowMs = clock.wallMs();
        const newAheadMs = Date.parse(date) - (sentAtMs + nowMs) / 2;
        const newOffByMs = Math.abs(nowMs - sentAtMs) / 2 + GRAIN_MS;
        // Two measurements that exclude each other: this device's clock was set meanwhile.
        const agrees = Math.abs(newAheadMs - aheadMs) <= newOffByMs + offByMs;
        if (!agrees || !offByMs || newOffByMs < offByMs / 2) {
          slewMs = agrees ? at(nowMs) - newAheadMs : 0;
          slewSinceMs = nowMs;
          aheadMs = newAheadMs;
          offByMs = newOffByMs;
        }
      } else if (!offByMs) aheadMs = Number.NaN;
    },
    toServiceMs(wallMs) {
      const ahead = at(wallMs);
      return Math.abs(ahead) <= DRIFT_MS + offByMs ? wallMs : wallMs + ahead;
    },
  };
}
