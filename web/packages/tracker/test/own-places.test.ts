/** This browser's own place of a video, beside the place of the service. */
import { beforeEach, describe, expect, test } from "vitest";
import { flushPromises } from "./fakes";
import { aReport, json, World } from "./world";

let world: World;
const never = () => new Promise<Response>(() => {});

beforeEach(() => {
  world = new World();
  world.network.responses.resume = [json({ resume_at: 8.9, watch_time: 8.9, reason: "resume" })];
});

/** Watch offline to 52 s, then kill the page. */
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

describe("a pending report that cannot be sent", () => {
  test.each([
    ["because the service never responds", never],
    ["because the service is busy", () => Promise.resolve(json({}, 503))],
    ["because the connection is lost", () => Promise.reject(new TypeError("Failed to fetch"))],
  ])("%s counts as the newer place", async (_what, response) => {
    await watchedOffline();
    world.network.responses.events = [response()];
    world.network.responses.status = [json({ last_watched: "2026-11-22T10:29:00Z" })];

    const place = world.openTab().client.resume("video-1");
    await world.clock.pass(4);

    expect(await place).toMatchObject({ resume_at: 52, source: "device" });
  });

  test("is older than a newer place of another device", async () => {
    await watchedOffline();
    world.network.responses.events = [never()];
    world.network.responses.status = [json({ last_watched: "2026-11-22T10:31:00Z" })];

    const place = world.openTab().client.resume("video-1");
    await world.clock.pass(4);

    expect(await place).toMatchObject({ resume_at: 8.9, source: "service" });
  });

  test("counts as the newer place though the clock is an hour behind", async () => {
    world.clock.wallErrorMs = -3_600_000;
    await watchedOffline();
    world.network.responses.events = [never()];
    world.network.responses.status = [json({ last_watched: "2026-11-22T10:29:00Z" })];

    const place = world.openTab().client.resume("video-1");
    await world.clock.pass(4);

    expect(await place).toMatchObject({ resume_at: 52, source: "device" });
  });

  test("near the start, not chosen by the learner, does not count", async () => {
    const tab = world.openTab();
    tab.watch();
    await tab.player.play(2);
    tab.kill();
    world.network.responses.events = [never()];

    const place = world.openTab().client.resume("video-1");
    await world.clock.pass(4);

    expect(await place).toMatchObject({ resume_at: 8.9, source: "service" });
  });
});

test("second window resumes where the playing one is", async () => {
  const first = world.openTab();
  first.watch();
  await first.player.play(17);
  world.network.responses.status = [json({ last_watched: "2026-11-22T10:30:10Z" })];

  const place = await world.openTab().client.resume("video-1");

  expect(place.source).toBe("device");
  expect(first.player.state.positionSeconds - place.resume_at).toBeLessThanOrEqual(1);
});

describe("without the service", () => {
  test("a stored place is known from the copy", async () => {
    const tab = world.openTab();
    tab.watch();
    await tab.player.play(20);
    await tab.player.pause();
    await flushPromises();
    expect(world.disk.rows).toEqual([]);
    world.network.setOnline(false);

    expect(await world.openTab().client.resume("video-1")).toMatchObject({
      resume_at: 20,
      source: "device",
    });
  });

  test("a known place is returned after eight seconds at most", async () => {
    const tab = world.openTab();
    tab.watch();
    await tab.player.play(20);
    await tab.player.pause();
    world.network.responses.resume = [never()];

    const place = world.openTab().client.resume("video-1");
    await world.clock.pass(8);

    expect(await place).toMatchObject({ resume_at: 20, source: "device" });
  });

  test("an unknown place is the start", async () => {
    world.network.setOnline(false);

    expect(await world.openTab().client.resume("video-1")).toMatchObject({
      resume_at: 0,
      reason: "start",
      source: "device",
    });
  });
});

describe("a report that is rejected with retry", () => {
  const DAY_SECONDS = 86_400;
  const rejection = { status: "rejected", code: "not_enrolled", detail: "No.", retry: true };
  const rejections = (count: number) =>
    Array.from({ length: count }, () => json({ results: [rejection] }));

  function storeAndKill() {
    const tab = world.openTab();
    tab.outbox.put("session-1", "video-1", aReport());
    tab.kill();
  }

  async function reopen() {
    const tab = world.openTab();
    tab.outbox.start();
    await flushPromises();
    return tab;
  }

  test("stays, calls the listener, and does not count as waiting", async () => {
    storeAndKill();
    world.network.responses.events = rejections(1);

    const { outbox } = await reopen();

    expect(world.disk.rows).toMatchObject([{ report: { watch_time: 40, played: [[0, 40]] } }]);
    expect(world.rejected).toMatchObject([{ code: "not_enrolled", retry: true }]);
    expect(outbox.state.waiting).toBe(0);
  });

  test("is sent again once a day, and at each start", async () => {
    storeAndKill();
    world.network.responses.events = rejections(3);
    const { outbox } = await reopen();

    for (let hour = 0; hour < 23; hour += 1) {
      await world.clock.pass(3600);
      await outbox.drain();
    }
    expect(world.network.to("/events")).toHaveLength(1);
    await world.clock.pass(3600);
    await outbox.drain();
    expect(world.network.to("/events")).toHaveLength(2);
    outbox.stop();
    await reopen();

    expect(world.network.to("/events")).toHaveLength(3);
  });

  test("is deleted as soon as it is stored", async () => {
    storeAndKill();
    world.network.responses.events = rejections(1);
    (await reopen()).outbox.stop();

    await reopen();

    expect(world.network.events.map(({ event_id }) => event_id)).toEqual([
      "session-1",
      "session-1",
    ]);
    expect(world.disk.rows).toEqual([]);
  });

  test("is deleted after 30 days, with another call of the listener", async () => {
    storeAndKill();
    world.network.responses.events = rejections(2);
    (await reopen()).outbox.stop();
    await world.clock.pass(31 * DAY_SECONDS);

    await reopen();

    expect(world.disk.rows).toEqual([]);
    expect(world.rejected.map(({ retry }) => retry)).toEqual([true, false]);
  });

  test.each([403, 404])("stays in the outbox after a live %d", async (status) => {
    const tab = world.openTab();
    world.network.responses["watch-time"] = [json({ code: "not_enrolled" }, status)];
    tab.watch();
    await tab.player.play(4);
    await tab.player.pause();

    expect(world.disk.rows).toMatchObject([{ report: { watch_time: 4 } }]);
  });
});
