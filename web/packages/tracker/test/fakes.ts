/** A clock, a player and a service under the control of a test. */
import type { Cancel, Clock } from "../src/clock";
import type { Report } from "../src/report";
import type { Sample, Sampler, Signal } from "../src/sampler";
import { createTracker, type TrackerOptions } from "../src/tracker";
import type { Outcome, Transport } from "../src/transport";

const START_MS = Date.UTC(2026, 10, 22, 10, 30);

export class FakeClock implements Clock {
  #nowMs = 0;
  #timers: { atMs: number; run: () => void }[] = [];
  /** The error of the device's clock; a test may change it at any time. */
  wallErrorMs = 0;

  /** The service's clock. */
  trueMs = () => START_MS + this.#nowMs;
  wallMs = () => START_MS + this.#nowMs + this.wallErrorMs;
  steadyMs = () => this.#nowMs;

  after(delaySeconds: number, run: () => void): Cancel {
    const timer = { atMs: this.#nowMs + delaySeconds * 1000, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Let time pass: run the timers that are due, and all promises after each. */
  async pass(seconds: number): Promise<void> {
    const endMs = this.#nowMs + seconds * 1000;
    for (;;) {
      await flushPromises();
      const next = this.#timers.sort((one, other) => one.atMs - other.atMs)[0];
      if (!next || next.atMs > endMs) break;
      this.#timers.shift();
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
    }
    this.#nowMs = endMs;
    await flushPromises();
  }
}

/** Run everything that waits for a resolved promise. */
export async function flushPromises(): Promise<void> {
  for (let turn = 0; turn < 60; turn += 1) await Promise.resolve();
}

export class FakePlayer implements Sampler {
  state: Sample = {
    positionSeconds: 0,
    durationSeconds: 600,
    rate: 1,
    isPlaying: false,
    isSeeking: false,
  };
  isLoaded = true;
  /** iOS does so before the first `playing`. */
  dropsSeeks = false;
  soughtTo: number[] = [];
  #signals = new Set<(signal: Signal) => void>();

  constructor(readonly clock: FakeClock) {}

  get isWatched(): boolean {
    return this.#signals.size > 0;
  }

  sample = () => (this.isLoaded ? { ...this.state } : null);

  watch(onSignal: (signal: Signal) => void): () => void {
    this.#signals.add(onSignal);
    return () => this.#signals.delete(onSignal);
  }

  signal(signal: Signal): void {
    for (const onSignal of this.#signals) onSignal(signal);
  }

  /** A seek by the tracker; it lands when the test calls `land`. */
  seek = (positionSeconds: number): void => {
    this.soughtTo.push(positionSeconds);
    if (this.dropsSeeks) return;
    this.state.positionSeconds = positionSeconds;
    this.state.isSeeking = true;
  };

  land(): void {
    this.state.isSeeking = false;
    this.signal("seeked");
  }

  /** A seek by the learner that lands at once. */
  drag(positionSeconds: number): void {
    this.startSeek(positionSeconds);
    this.land();
  }

  /** A seek by the learner that waits for the network. */
  startSeek(positionSeconds: number): void {
    this.state.positionSeconds = positionSeconds;
    this.state.isSeeking = true;
    this.signal("seeking");
  }

  /** Play, with a `timeupdate` four times a second as in browsers. */
  async play(seconds: number): Promise<void> {
    this.state.isPlaying = true;
    this.signal("timeupdate");
    for (let passed = 0; passed < seconds; passed += 0.25) {
      await this.clock.pass(0.25);
      this.state.positionSeconds += 0.25 * this.state.rate;
      this.signal("timeupdate");
    }
    await flushPromises();
  }

  async pause(): Promise<void> {
    this.state.isPlaying = false;
    this.signal("pause");
    await flushPromises();
  }
}

export class FakeService implements Transport {
  received: { atMs: number; report: Report }[] = [];
  /** The outcomes of the next reports; after them, every report is stored. */
  outcomes: Outcome[] = [];

  constructor(readonly clock: FakeClock) {}

  async send(_videoId: string, report: Report): Promise<Outcome> {
    this.received.push({ atMs: this.clock.steadyMs(), report });
    return this.outcomes.shift() ?? { status: "stored" };
  }

  get reports(): Report[] {
    return this.received.map(({ report }) => report);
  }

  get last(): Report | undefined {
    return this.reports.at(-1);
  }

  /** Seconds between consecutive reports. */
  get gapsSeconds(): number[] {
    const times = this.received.map(({ atMs }) => atMs / 1000);
    return times.slice(1).map((time, index) => time - (times[index] ?? 0));
  }
}

/** A tracker and its surroundings; a test states only what differs. */
export function aTracker(options: Partial<TrackerOptions> = {}) {
  const clock = new FakeClock();
  const player = new FakePlayer(clock);
  const service = new FakeService(clock);
  const attach = () =>
    createTracker(player, {
      videoId: "video-1",
      deviceId: "laptop",
      transport: service,
      clock,
      ...options,
    });
  return { clock, player, service, attach };
}
