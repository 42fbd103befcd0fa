import { beforeEach, describe, expect, test } from "vitest";
import { createClockOffset } from "../src/clock-offset";
import { FakeClock } from "./fakes";
import { json, World } from "./world";

describe("the clock offset", () => {
  let clock: FakeClock;
  let offset: ReturnType<typeof createClockOffset>;

  beforeEach(() => {
    clock = new FakeClock();
    offset = createClockOffset(clock);
  });

  const aheadMs = () => offset.toServiceMs(clock.wallMs()) - clock.wallMs();

  /** The service reads its clock after `upSeconds`; its response takes `downSeconds`. */
  async function exchange({ upSeconds = 0, downSeconds = 0 }) {
    const sentAtMs = clock.wallMs();
    await clock.pass(upSeconds);
    const date = new Date(clock.trueMs()).toUTCString();
    await clock.pass(downSeconds);
    offset.observe(sentAtMs, date);
  }

  test("is 0 before any response, so that a delayed report has its own time", () => {
    expect(aheadMs()).toBe(0);
  });

  test("is unknown where responses hide their date", () => {
    offset.observe(clock.wallMs(), null);

    expect(aheadMs()).toBeNaN();
  });

  test.each([
    { upSeconds: 6 },
    { downSeconds: 6 },
    { upSeconds: 3, downSeconds: 3 },
    { upSeconds: 0.2, downSeconds: 9.7 },
  ])("is 0 for a correct clock on a slow connection: %o", async (line) => {
    await exchange(line);

    expect(aheadMs()).toBe(0);
  });

  test("is measured by the fastest exchange, not by a slow one", async () => {
    clock.wallErrorMs = -3_600_000;
    await exchange({ upSeconds: 0.1, downSeconds: 0.1 });
    await exchange({ downSeconds: 9 });

    expect(aheadMs()).toBeGreaterThan(3_598_500);
    expect(aheadMs()).toBeLessThan(3_601_000);
  });

  test("is replaced by a far better measurement", async () => {
    clock.wallErrorMs = -3_600_000;
    await exchange({ upSeconds: 0.2, downSeconds: 8 });
    await exchange({ upSeconds: 0.1, downSeconds: 0.1 });

    expect(aheadMs()).toBeGreaterThan(3_598_500);
    expect(aheadMs()).toBeLessThan(3_601_000);
  });

  test.each([7_200_000, -7_200_000])(
    "preserves the order of times of a clock that is %d ms off",
    async (wallErrorMs) => {
      clock.wallErrorMs = wallErrorMs;
      const line = [
        [3, 1],
        [0.1, 0.1],
        [0.7, 0.2],
        [2, 0.1],
        [0, 0],
        [0.1, 0.3],
      ] as const;
      await exchange({ upSeconds: 4, downSeconds: 0.1 });
      const times: number[] = [];
      for (const [upSeconds, downSeconds] of line) {
        times.push(offset.toServiceMs(clock.wallMs()));
        await exchange({ upSeconds, downSeconds });
        await clock.pass(0.001);
      }

      expect(times).toEqual([...new Set(times)].sort());
      const errorMs = offset.toServiceMs(clock.wallMs()) - clock.trueMs();
      expect(Math.abs(errorMs)).toBeLessThan(2_000);
    },
  );

  test("follows a device clock that is corrected", async () => {
    clock.wallErrorMs = 3_600_000;
    await exchange({});
    clock.wallErrorMs = 0;
    await exchange({ upSeconds: 3, downSeconds: 3 });

    expect(aheadMs()).toBe(0);
  });

  test("does not change by a response that hides its date", async () => {
    clock.wallErrorMs = -3_600_000;
    await exchange({});

    offset.observe(clock.wallMs(), null);

    expect(aheadMs()).toBeGreaterThan(3_590_000);
  });
});

test("live report on a slow connection has its own time", async () => {
  const world = new World();
  const { client, player, watch } = world.openTab();
  const slow = new Promise<Response>((resolve) =>
    world.clock.after(6, () => resolve(json({ resume_at: 0 }))),
  );
  world.network.responses.resume = [slow];
  const place = client.resume("video-1");
  await world.clock.pass(6);
  await place;
  watch();
  await player.play(14.5);
  await player.pause();

  const bodies = world.network.to("/watch-time").map(({ body }) => body);
  expect(bodies.map(({ watch_time }) => watch_time)).toEqual([10, 14.5]);
  expect(bodies[1].observed_at).toBe("2026-11-22T10:30:20.500Z");
});

test("live reports and stored reports use the same clock offset", async () => {
  const world = new World();
  world.clock.wallErrorMs = 7_200_000;
  const { client, player, watch } = world.openTab();
  await world.clock.pass(0.4);
  await client.resume("video-1");
  watch();
  await player.play(2);
  await player.pause();
  world.network.responses["watch-time"] = [json({}, 503)];
  await player.play(1);
  await player.pause();
  await world.clock.pass(10);

  const [live] = world.network.to("/watch-time").map(({ body }) => body);
  const [batch] = world.network.to("/events").map(({ body }) => body);
  const [event] = batch.events;
  expect([live.watch_time, event.watch_time]).toEqual([2, 3]);
  expect(Date.parse(event.observed_at) - Date.parse(live.observed_at)).toBe(1_000);
  expect(Math.abs(Date.parse(batch.sent_at) - world.clock.trueMs())).toBeLessThan(12_000);
});

test("clock that is set back by hours leaves no report in the future", async () => {
  const world = new World();
  const { client, player, watch } = world.openTab();
  world.clock.wallErrorMs = 7_200_000;
  watch();
  await player.play(1);
  await player.pause();
  world.clock.wallErrorMs = 0;
  await client.resume("video-1");
  await player.play(5);
  await player.pause();

  const [ahead, right] = world.network.to("/watch-time").map(({ body }) => body.observed_at);
  expect(ahead > "2026-11-22T12").toBe(true);
  expect(right < "2026-11-22T10:31").toBe(true);
});

describe("without the date of responses", () => {
  test("a live report has no time, so that the service uses its own clock", async () => {
    const world = new World();
    world.network.isDateHidden = true;
    world.clock.wallErrorMs = -3_600_000;
    const { client, player, watch } = world.openTab();
    await client.resume("video-1");
    watch();
    await player.play(4);
    await player.pause();

    const [sent] = world.network.to("/watch-time");
    expect(sent?.body).toMatchObject({ watch_time: 4 });
    expect(sent?.body).not.toHaveProperty("observed_at");
  });

  test("a stored report is sent with the device's time and clock", async () => {
    const world = new World();
    world.network.isDateHidden = true;
    world.clock.wallErrorMs = -3_600_000;
    world.network.responses["watch-time"] = [json({}, 503)];
    const { player, watch } = world.openTab();
    watch();
    await player.play(4);
    await player.pause();
    await world.clock.pass(10);

    const [batch] = world.network.to("/events").map(({ body }) => body);
    expect(batch.events).toMatchObject([{ observed_at: "2026-11-22T09:30:04.000Z" }]);
    expect(batch.sent_at).toBe("2026-11-22T09:30:06.000Z");
  });
});
