/** How far the clock of this device is off, measured by the `Date` of responses. */
import type { Clock } from "./clock";

/** The service tolerates this much; a clock further off would lose to every other device. */
const DRIFT_MS = 5_000;
/** The resolution of the header. */
const RESOLUTION_MS = 1_000;

export interface ClockOffset {
  /** @param date the `Date` header of the response; null where it is hidden */
  observe(sentAtMs: number, date: string | null): void;
  /**
   * A time of this clock by the clock of the service; NaN where responses hide their `Date`. The
   * order of two times is preserved.
   */
  toServiceMs(wallMs: number): number;
}

/**
 * The service reads its clock between request and response, so their middle is off by at most half
 * the time between them: the fastest exchange is the most exact one. Only a far better one replaces
 * it. Corrected time never goes back: it runs at half speed until it agrees.
 */
export function createClockOffset(clock: Clock): ClockOffset {
  // 0 before any response: a report that hangs must not count as newer later.
  let aheadMs = 0;
  /** The largest possible error; 0 before any measurement. */
  let errorMs = 0;
  /** Added to `aheadMs` after it sank; it shrinks by half a second each second. */
  let slewMs = 0;
  let slewSinceMs = 0;
  const at = (wallMs: number) =>
    aheadMs + Math.max(0, slewMs - Math.max(0, wallMs - slewSinceMs) / 2);
  return {
    observe(sentAtMs, date) {
      if (date) {
        const nowMs = clock.wallMs();
        const newAheadMs = Date.parse(date) - (sentAtMs + nowMs) / 2;
        const newErrorMs = Math.abs(nowMs - sentAtMs) / 2 + RESOLUTION_MS;
        // Measurements that contradict each other: the clock of this device was set meanwhile.
        const agrees = Math.abs(newAheadMs - aheadMs) <= newErrorMs + errorMs;
        if (!agrees || !errorMs || newErrorMs < errorMs / 2) {
          slewMs = agrees ? at(nowMs) - newAheadMs : 0;
          slewSinceMs = nowMs;
          aheadMs = newAheadMs;
          errorMs = newErrorMs;
        }
      } else if (!errorMs) aheadMs = Number.NaN;
    },
    toServiceMs(wallMs) {
      const ahead = at(wallMs);
      return Math.abs(ahead) <= DRIFT_MS + errorMs ? wallMs : wallMs + ahead;
    },
  };
}
