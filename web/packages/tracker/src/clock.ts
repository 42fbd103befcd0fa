/** The clock and the timers as an interface, so that tests can pass their own. */

export type Cancel = () => void;

export interface Clock {
  /** The time of day in ms since 1970; it jumps when the clock of the device is corrected. */
  wallMs(): number;
  /** Ms since some fixed moment; it never jumps. */
  steadyMs(): number;
  /** Run `run` once, after the delay. */
  after(delaySeconds: number, run: () => void): Cancel;
}

/** The browser's own clock and timers. */
export const browserClock: Clock = {
  wallMs: () => Date.now(),
  steadyMs: () => performance.now(),
  after(delaySeconds, run) {
    const timer = setTimeout(run, delaySeconds * 1000);
    return () => clearTimeout(timer);
  },
};

export const toIso = (wallMs: number) => new Date(wallMs).toISOString();
