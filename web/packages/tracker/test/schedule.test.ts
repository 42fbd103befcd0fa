import { beforeEach, describe, expect, test, vi } from "vitest";
import { type Attempt, MIN_GAP_SECONDS, Schedule } from "../src/schedule";
import { FakeClock } from "./fakes";

let clock: FakeClock;
let sentAtSeconds: number[];
let attempts: Attempt[];
let schedule: Schedule;

beforeEach(() => {
  clock = new FakeClock();
  sentAtSeconds = [];
  attempts = [];
  schedule = new Schedule({
    clock,
    random: () => 1,
    send: async () => {
      sentAtSeconds.push(clock.steadyMs() / 1000);
      return attempts.shift() ?? "over";
    },
  });
});

describe("the gap", () => {
  test("the first one leaves at once", () => {
    schedule.request();

    expect(sentAtSeconds).toEqual([0]);
  });

  test("many requests within the gap leave as one, when it is over", async () => {
    for (let turn = 0; turn < 8; turn += 1) {
      schedule.request();
      await clock.pass(0.1);
    }
    await clock.pass(5);

    expect(sentAtSeconds).toEqual([0, MIN_GAP_SECONDS]);
  });

  test("it is never below the service's one second", () => {
    expect(MIN_GAP_SECONDS).toBeGreaterThanOrEqual(1);
  });

  test("a clock set back by the learner does not stop reports", async () => {
    schedule.request();
    await clock.pass(2);
    clock.wallErrorMs = -3_600_000;

    schedule.request();

    expect(sentAtSeconds).toEqual([0, 2]);
  });

  test("nothing leaves while an answer is awaited, and one does after it", async () => {
    let answer: (attempt: Attempt) => void = () => {};
    const send = vi.fn(() => new Promise<Attempt>((resolve) => (answer = resolve)));
    const patient = new Schedule({ clock, send });
    patient.request();
    patient.request();
    await clock.pass(30);
    expect(send).toHaveBeenCalledTimes(1);

    answer("over");
    await clock.pass(0);

    expect(send).toHaveBeenCalledTimes(2);
  });

  test("the last moment waits for nothing", async () => {
    schedule.request();
    await clock.pass(0.2);

    schedule.sendNow();

    expect(sentAtSeconds).toEqual([0, 0.2]);
  });
});

describe("a failed attempt", () => {
  test("is repeated when the service says so", async () => {
    attempts = [{ retryAfterSeconds: 7 }];

    schedule.request();
    await clock.pass(20);

    expect(sentAtSeconds).toEqual([0, 7]);
  });

  test("is never repeated within the gap, whatever the service says", async () => {
    attempts = [{ retryAfterSeconds: 0 }];

    schedule.request();
    await clock.pass(20);

    expect(sentAtSeconds).toEqual([0, MIN_GAP_SECONDS]);
  });

  test("is repeated ever more rarely, but at least once a minute", async () => {
    attempts = Array.from({ length: 8 }, () => ({}));

    schedule.request();
    await clock.pass(600);

    const gaps = sentAtSeconds.slice(1).map((at, index) => at - (sentAtSeconds[index] ?? 0));
    expect(gaps).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test("holds back newer requests until its turn", async () => {
    attempts = [{ retryAfterSeconds: 30 }];
    schedule.request();
    await clock.pass(5);

    schedule.request();
    await clock.pass(20);

    expect(sentAtSeconds).toEqual([0]);
  });

  test("counts as settled, so that nobody waits for the network", async () => {
    attempts = [{ retryAfterSeconds: 30 }];
    schedule.request();

    await expect(schedule.settled()).resolves.toBeUndefined();
  });
});
