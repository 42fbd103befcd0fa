/** What this browser itself knows of a place, beside what the service says. */
import { beforeEach, describe, expect, test } from "vitest";
import { settle } from "./fakes";
import { aReport, json, World } from "./world";

let world: World;
const never = () => new Promise<Response>(() => {});

beforeEach(() => {
  world = new World();
  world.network.answers.resume = [json({ resume_at: 8.9, watch_time: 8.9, reason: "resume" })];
});

/** Offline to 52 s of the video, and then killed. */
async function watchedOffline() {
  const tab = world.openTab();
  world.network.setOnline(false);
  tab.watch();
  tab.player.drag(40);
  await tab.player.play(12);
  await tab.player.pause();
  tab.kill();
  world.network.setOnline(true);
}

describe("a hand-in that is slow or fails", () => {
  test.each([
    ["never answered", never],
    ["refused for now", () => Promise.resolve(json({}, 503))],
    ["lost", () => Promise.reject(new TypeError("Failed to fetch"))],
  ])("%s: the newer place of this device counts", async (_what, answer) => {
    await watchedOffline();
    world.network.answers.events = [answer()];
    world.network.answers.status = [json({ last_watched: "2026-11-22T10:29:00Z" })];

    const place = world.openTab().link.resume("video-1");
    await world.clock.pass(4);

    expect(await place).toMatchObject({ resume_at: 52, source: "device" });
  });

  test("a newer place of another device counts", async () => {
    await watchedOffline();
    world.network.answers.events = [never()];
    world.network.answers.status = [json({ last_watched: "2026-11-22T10:31:00Z" })];

    const place = world.openTab().link.resume("video-1");
    await world.clock.pass(4);

    expect(await place).toMatchObject({ resume_at: 8.9, source: "service" });
  });

  test("a device whose clock is an hour behind still knows that its place is the newer one", async () => {
    world.clock.wallErrorMs = -3_600_000;
    await watchedOffline();
    world.network.answers.events = [never()];
    world.network.answers.status = [json({ last_watched: "2026-11-22T10:29:00Z" })];

    const place = world.openTab().link.resume("video-1");
    await world.clock.pass(4);

    expect(await place).toMatchObject({ resume_at: 52, source: "device" });
  });

  test("a place near the start that nobody chose does not count", async () => {
    const tab = world.openTab();
    tab.watch();
    await tab.player.play(2);
    tab.kill();
    world.network.answers.events = [never()];

    const place = world.openTab().link.resume("video-1");
    await world.clock.pass(4);

    expect(await place).toMatchObject({ resume_at: 8.9, source: "service" });
  });
});

test("a second window beside a playing one goes on where that one is", async () => {
  const first = world.openTab();
  first.watch();
  await first.player.play(17);
  world.network.answers.status = [json({ last_watched: "2026-11-22T10:30:10Z" })];

  const place = await world.openTab().link.resume("video-1");

  expect(place.source).toBe("device");
  expect(first.player.state.positionSeconds - place.resume_at).toBeLessThanOrEqual(1);
});

describe("without the service", () => {
  test("a place that it has is known here all the same", async () => {
    const tab = world.openTab();
    tab.watch();
    await tab.player.play(20);
    await tab.player.pause();
    await settle();
    expect(world.disk.rows).toEqual([]);
    world.network.setOnline(false);

    expect(await world.openTab().link.resume("video-1")).toMatchObject({
      resume_at: 20,
      source: "device",
    });
  });

  test("one that never answers holds a known place back for eight seconds at most", async () => {
    const tab = world.openTab();
    tab.watch();
    await tab.player.play(20);
    await tab.player.pause();
    world.network.answers.resume = [never()];

    const place = world.openTab().link.resume("video-1");
    await world.clock.pass(8);

    expect(await place).toMatchObject({ resume_at: 20, source: "device" });
  });

  test("a place that nobody knows is the start", async () => {
    world.network.setOnline(false);

    expect(await world.openTab().link.resume("video-1")).toMatchObject({
      resume_at: 0,
      reason: "start",
      source: "device",
    });
  });
});

describe("a report that is rejected, but may be taken later", () => {
  const DAY_SECONDS = 86_400;
  const rejection = { status: "rejected", code: "not_enrolled", detail: "No.", retry: true };
  const answers = (count: number) =>
    Array.from({ length: count }, () => json({ results: [rejection] }));

  function leftBehind() {
    const tab = world.openTab();
    tab.outbox.keep("session-1", "video-1", aReport());
    tab.kill();
  }

  async function openAnew() {
    const tab = world.openTab();
    tab.outbox.start();
    await settle();
    return tab;
  }

  test("stays, is told, and does not count as waiting", async () => {
    leftBehind();
    world.network.answers.events = answers(1);

    const { outbox } = await openAnew();

    expect(world.disk.rows).toMatchObject([{ report: { watch_time: 40, played: [[0, 40]] } }]);
    expect(world.rejected).toMatchObject([{ code: "not_enrolled", retry: true }]);
    expect(outbox.state.waiting).toBe(0);
  });

  test("is tried again once a day, and at each start", async () => {
    leftBehind();
    world.network.answers.events = answers(3);
    const { outbox } = await openAnew();

    for (let hour = 0; hour < 23; hour += 1) {
      await world.clock.pass(3600);
      await outbox.drain();
    }
    expect(world.network.to("/events")).toHaveLength(1);
    await world.clock.pass(3600);
    await outbox.drain();
    expect(world.network.to("/events")).toHaveLength(2);
    outbox.stop();
    await openAnew();

    expect(world.network.to("/events")).toHaveLength(3);
  });

  test("is gone as soon as it is taken", async () => {
    leftBehind();
    world.network.answers.events = answers(1);
    (await openAnew()).outbox.stop();

    await openAnew();

    expect(world.network.events.map(({ event_id }) => event_id)).toEqual([
      "session-1",
      "session-1",
    ]);
    expect(world.disk.rows).toEqual([]);
  });

  test("is given up and told after 30 days", async () => {
    leftBehind();
    world.network.answers.events = answers(2);
    (await openAnew()).outbox.stop();
    await world.clock.pass(31 * DAY_SECONDS);

    await openAnew();

    expect(world.disk.rows).toEqual([]);
    expect(world.rejected.map(({ retry }) => retry)).toEqual([true, false]);
  });

  test.each([403, 404])("live, with %d, waits in the outbox", async (status) => {
    const tab = world.openTab();
    world.network.answers["watch-time"] = [json({ code: "not_enrolled" }, status)];
    tab.watch();
    await tab.player.play(4);
    await tab.player.pause();

    expect(world.disk.rows).toMatchObject([{ report: { watch_time: 4 } }]);
  });
});
