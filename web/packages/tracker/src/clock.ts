/** Time as the tracker sees it, so that tests can hand in their own. */

export type Cancel = () => void;

export interface Clock {
  /** The time of day in ms since 1970; it may jump when the device is set right. */
  wallMs(): number;
  /** Ms since any fixed moment; it never jumps. */
  steadyMs(): number;
  /** Run something once, later. */
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

export const isoOf = (wallMs: number) => new Date(wallMs).toISOString();
