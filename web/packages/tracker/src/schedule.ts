/** When a report may leave: never too close to the one before, and again when one failed. */
import { backoffSeconds } from "./backoff";
import type { Cancel, Clock } from "./clock";

/** A little over the service's one report a second, because the network does not keep distances. */
export const MIN_GAP_SECONDS = 1.05;

/** What became of one attempt: over, or to be tried again (after the usual pause if unsaid). */
export type Attempt = "over" | { retryAfterSeconds?: number };

export interface ScheduleOptions {
  clock: Clock;
  /** Builds the newest report at the moment it leaves, so that waiting ones need no queue. */
  send: () => Promise<Attempt>;
  /** 0..1; spreads the retries of many browsers after an outage. */
  random?: () => number;
}

export class Schedule {
  #clock: Clock;
  #send: () => Promise<Attempt>;
  #random: () => number;
  #isWanted = false;
  #inFlight = 0;
  #failures = 0;
  #sentAtMs = Number.NEGATIVE_INFINITY;
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  #cancelTimer: Cancel | null = null;
  #waiting: (() => void)[] = [];

  constructor({ clock, send, random = Math.random }: ScheduleOptions) {
    this.#clock = clock;
    this.#send = send;
    this.#random = random;
  }

  /** Send as soon as the rules allow. Asking again while one waits changes nothing. */
  request(): void {
    this.#isWanted = true;
    this.#plan();
  }

  /** The network is back: what waits for a retry leaves as soon as the gap allows. */
  hurry(): void {
    if (this.#failures === 0) return;
    this.#notBeforeMs = this.#sentAtMs + MIN_GAP_SECONDS * 1000;
    this.#plan();
  }

  /** Send without waiting for anything: the page is about to be gone. */
  sendNow(): void {
    this.#attempt();
  }

  /** Resolves once nothing is under way, or what is left has to wait for a retry. */
  settled(): Promise<void> {
    if (this.#isSettled()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #isSettled(): boolean {
    return this.#inFlight === 0 && (!this.#isWanted || this.#failures > 0);
  }

  #plan(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    if (!this.#isWanted || this.#inFlight > 0) return;
    const waitMs = this.#notBeforeMs - this.#clock.steadyMs();
    if (waitMs <= 0) this.#attempt();
    else this.#cancelTimer = this.#clock.after(waitMs / 1000, () => this.#attempt());
  }

  async #attempt(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#isWanted = false;
    this.#inFlight += 1;
    this.#sentAtMs = this.#clock.steadyMs();
    this.#notBeforeMs = this.#sentAtMs + MIN_GAP_SECONDS * 1000;
    const attempt = await this.#send();
    this.#inFlight -= 1;
    if (attempt === "over") this.#failures = 0;
    else this.#waitForRetry(attempt.retryAfterSeconds);
    this.#plan();
    if (this.#isSettled()) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #waitForRetry(
    retryAfterSeconds = backoffSeconds(this.#failures, { random: this.#random }),
  ): void {
    this.#failures += 1;
    this.#isWanted = true;
    const retryAtMs = this.#clock.steadyMs() + retryAfterSeconds * 1000;
    this.#notBeforeMs = Math.max(this.#notBeforeMs, retryAtMs);
  }
}
