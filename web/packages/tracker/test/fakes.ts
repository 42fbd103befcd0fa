/** A clock, a player and a service that do exactly what a test tells them. */
import type { Cancel, Clock } from "../src/clock";
import type { Report } from "../src/report";
import type { Sample, Sampler, Signal } from "../src/sampler";
import { createTracker, type TrackerOptions } from "../src/tracker";
import type { Outcome, Transport } from "../src/transport";

const START_MS = Date.UTC(2026, 10, 22, 10, 30);

export class FakeClock implements Clock {
  #nowMs = 0;
  #timers: { atMs: number; run: () => void }[] = [];
  /** How far the time of day is off; it can be set while the test runs. */
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

  /** Let time pass, run what falls due, and let promises settle after each timer. */
  async pass(seconds: number): Promise<void> {
    const endMs = this.#nowMs + seconds * 1000;
    for (;;) {
      await settle();
      const next = this.#timers.sort((one, other) => one.atMs - other.atMs)[0];
      if (!next || next.atMs > endMs) break;
      this.#timers.shift();
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
    }
    this.#nowMs = endMs;
    await settle();
  }
}

/** Let everything that waits for a promise go on. */
export async function settle(): Promise<void> {
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
  /** As iOS does before the first `playing`. */
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

  /** A seek asked for by the tracker; it lands only when the test calls `land`. */
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

  /** A seek by the learner, from start to end. */
  drag(positionSeconds: number): void {
    this.wish(positionSeconds);
    this.land();
  }

  /** A seek that waits for the network. */
  wish(positionSeconds: number): void {
    this.state.positionSeconds = positionSeconds;
    this.state.isSeeking = true;
    this.signal("seeking");
  }

  /** Play for a while, with a sign of life four times a second as browsers give it. */
  async play(seconds: number): Promise<void> {
    this.state.isPlaying = true;
    this.signal("timeupdate");
    for (let passed = 0; passed < seconds; passed += 0.25) {
      await this.clock.pass(0.25);
      this.state.positionSeconds += 0.25 * this.state.rate;
      this.signal("timeupdate");
    }
    await settle();
  }

  async pause(): Promise<void> {
    this.state.isPlaying = false;
    this.signal("pause");
    await settle();
  }
}

export class FakeService implements Transport {
  received: { atMs: number; report: Report }[] = [];
  /** Answers to come; once they are used up, everything is stored. */
  answers: Outcome[] = [];

  constructor(readonly clock: FakeClock) {}

  async send(_videoId: string, report: Report): Promise<Outcome> {
    this.received.push({ atMs: this.clock.steadyMs(), report });
    return this.answers.shift() ?? { status: "stored" };
  }

  get reports(): Report[] {
    return this.received.map(({ report }) => report);
  }

  get last(): Report | undefined {
    return this.reports.at(-1);
  }

  /** Seconds between one report and the next. */
  get gapsSeconds(): number[] {
    const times = this.received.map(({ atMs }) => atMs / 1000);
    return times.slice(1).map((time, index) => time - (times[index] ?? 0));
  }
}

/** A tracker with everything around it; a test states only what differs. */
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
      random: () => 1,
      ...options,
    });
  return { clock, player, service, attach };
}
