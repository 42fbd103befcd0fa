/** Situations in which other players lose the place of a learner. */
import { beforeEach, describe, expect, test } from "vitest";
import { flushPromises } from "./fakes";
import { aReport, json, World } from "./world";

let world: World;

beforeEach(() => {
  world = new World();
});

const livePlaces = () => world.network.to("/watch-time").map(({ body }) => body.watch_time);
const everyPlace = () => [
  ...livePlaces(),
  ...world.network.events.map((event) => event.watch_time),
  ...world.disk.rows.map((entry) => entry.report.watch_time),
];

describe("the place is not moved by a position of 0", () => {
  test("before the first seek has landed", async () => {
    const { player, watch } = world.openTab();
    watch({ resumeAtSeconds: 125 });
    player.state.positionSeconds = 0;
    player.state.isSeeking = false;

    await player.play(2);
    await player.pause();
    player.signal("hidden");
    player.signal("pagehide");
    await world.clock.pass(30);

    expect(everyPlace()).toEqual([]);
  });

  test("when the media is removed and loads again", async () => {
    const { player, watch } = world.openTab();
    watch();
    await player.play(12);

    player.isLoaded = false;
    player.state.positionSeconds = 0;
    player.signal("emptied");
    player.isLoaded = true;
    player.state.isPlaying = false;
    player.signal("loadedmetadata");
    player.signal("pagehide");
    await world.clock.pass(30);

    expect(Math.min(...everyPlace())).toBeGreaterThanOrEqual(10);
  });

  test("when the player resets while it is detached", async () => {
    const { player, watch } = world.openTab();
    const tracker = watch();
    await player.play(12);

    const detached = tracker.detach();
    player.state.positionSeconds = 0;
    player.signal("emptied");
    player.signal("pause");
    player.signal("pagehide");
    await detached;
    await world.clock.pass(30);

    expect(everyPlace()).toEqual([10, 12]);
  });
});

describe("a paused tab", () => {
  test("reports nothing when it is shown again and again", async () => {
    const { player, watch } = world.openTab();
    watch({ resumeAtSeconds: 125 });
    player.land();

    for (let turn = 0; turn < 20; turn += 1) {
      player.signal("timeupdate");
      player.signal("hidden");
      await player.pause();
      await world.clock.pass(60);
    }

    expect(everyPlace()).toEqual([]);
  });

  test("reports its place once, with the time the learner was there", async () => {
    const { player, watch } = world.openTab();
    watch();
    await player.play(4);
    await player.pause();
    const [first] = world.network.to("/watch-time").map(({ body }) => body.observed_at);

    await world.clock.pass(3600);
    player.signal("hidden");
    player.signal("pagehide");
    await world.clock.pass(3600);

    expect(world.network.to("/watch-time").map(({ body }) => body.observed_at)).toEqual([first]);
    expect(world.network.events).toEqual([]);
  });

  test("reports the same time when the report is sent again much later", async () => {
    const { player, watch } = world.openTab();
    world.network.responses["watch-time"] = [json({}, 503, { "Retry-After": "1800" })];
    watch();
    await player.play(4);
    await player.pause();

    await world.clock.pass(3600);

    const [failed, ...more] = world.network.to("/watch-time").map(({ body }) => body);
    expect(more).toEqual([]);
    expect(world.network.events).toMatchObject([failed]);
  });
});

describe("a stale local copy", () => {
  test("is sent with its own time, even a week later", async () => {
    const old = world.openTab();
    old.outbox.put("session-1", "video-1", aReport());
    old.kill();
    await world.clock.pass(7 * 86_400);

    world.openTab().outbox.start();
    await flushPromises();

    expect(world.network.events.map((event) => event.observed_at)).toEqual([aReport().observed_at]);
  });

  test("is not used when the place of the service is newer", async () => {
    const old = world.openTab();
    old.outbox.put("session-1", "video-1", aReport());
    old.kill();
    world.network.responses.events = [json({}, 503)];
    world.network.responses.resume = [json({ resume_at: 300, watch_time: 310 })];
    world.network.responses.status = [json({ last_watched: "2026-11-22T10:30:01Z" })];

    const place = await world.openTab().client.resume("video-1");

    expect(place).toMatchObject({ resume_at: 300, watch_time: 310, source: "service" });
  });

  test("is not reported again until something is played", async () => {
    const old = world.openTab();
    old.outbox.put("session-1", "video-1", aReport());
    old.kill();
    const { client, player, watch } = world.openTab();
    world.network.setOnline(false);
    const place = await client.resume("video-1");
    expect(place).toMatchObject({ resume_at: 40, source: "device" });

    watch({ resumeAtSeconds: place.resume_at });
    player.land();
    player.signal("hidden");
    player.signal("pagehide");
    await world.clock.pass(60);

    expect(world.disk.rows.map((entry) => entry.report.observed_at)).toEqual([
      aReport().observed_at,
    ]);
  });
});

describe("a killed page", () => {
  test.each([3.25, 9.75, 10.5, 17])("loses at most 2 s after %d s of playing", async (seconds) => {
    const { player, watch, kill } = world.openTab();
    watch();
    await player.play(seconds);
    kill();

    const stored = Math.max(...everyPlace());

    expect(seconds - stored).toBeLessThanOrEqual(2);
  });

  test("does not lose a seek just before", async () => {
    const { player, watch, kill } = world.openTab();
    watch();
    await player.play(3.25);
    player.drag(300);
    kill();

    expect(world.disk.rows).toContainEqual(
      expect.objectContaining({ report: expect.objectContaining({ watch_time: 300 }) }),
    );
  });

  test("has its reports sent before the next page resumes", async () => {
    const first = world.openTab();
    first.watch();
    await first.player.play(5);
    first.kill();
    world.network.requests = [];

    await world.openTab().client.resume("video-1");

    expect(world.network.requests.map(({ path }) => path.split("/").at(-1))).toEqual([
      "events",
      "resume?skip_intro=true",
    ]);
    expect(world.network.events).toMatchObject([{ watch_time: 4.5 }]);
  });
});

describe("a closing page", () => {
  test("sends its last place despite the one-second rule, and stores it until acknowledged", async () => {
    const { player, watch } = world.openTab();
    watch();
    await player.play(4);
    await player.pause();
    await player.play(0.5);
    world.network.responses.events = [new Promise(() => {})];

    player.signal("pagehide");

    expect(world.network.to("/events")).toMatchObject([
      { keepalive: true, body: { events: [{ kind: "flush", watch_time: 4.5 }] } },
    ]);
    expect(world.disk.rows).toMatchObject([{ report: { watch_time: 4.5 } }]);
  });

  test("stores nothing after the acknowledgement", async () => {
    const { player, watch } = world.openTab();
    watch();
    await player.play(4);

    player.signal("pagehide");
    await flushPromises();

    expect(world.disk.rows).toEqual([]);
  });

  test("continues to report when it comes back", async () => {
    const { player, watch } = world.openTab();
    watch();
    await player.play(4);
    player.signal("pagehide");
    await flushPromises();

    await player.play(3);
    await player.pause();

    expect(livePlaces()).toEqual([7]);
    expect(world.disk.rows).toEqual([]);
  });

  test("sends nothing when everything is acknowledged", async () => {
    const { player, watch } = world.openTab();
    watch();
    await player.play(4);
    await player.pause();

    player.signal("pagehide");
    await flushPromises();

    expect(world.network.to("/events")).toEqual([]);
  });

  test("does not send a report twice that is in flight", async () => {
    world.network.responses["watch-time"] = [new Promise(() => {})];
    const { player, watch } = world.openTab();
    watch();
    await player.play(4);
    await player.pause();

    player.signal("pagehide");
    await flushPromises();

    expect(livePlaces()).toEqual([4]);
    expect(world.network.to("/events")).toEqual([]);
    expect(world.disk.rows).toHaveLength(1);
  });

  test("sends nothing when it comes back with nothing new", async () => {
    const { player, watch } = world.openTab();
    watch();
    await player.play(4);
    player.signal("pagehide");
    await flushPromises();

    player.state.isPlaying = false;
    player.signal("hidden");
    await world.clock.pass(5);

    expect(livePlaces()).toEqual([]);
    expect(world.network.events).toHaveLength(1);
  });
});

describe("with a working service", () => {
  test("reports are sent every 10 s, and never twice", async () => {
    const { player, watch, outbox } = world.openTab();
    outbox.start();
    watch();

    await player.play(35);

    expect(livePlaces()).toEqual([10, 20, 30]);
    expect(world.network.events).toEqual([]);
    expect(outbox.state.waiting).toBe(0);
  });

  test("detach sends the last place at once and resolves when it is stored", async () => {
    const { player, watch } = world.openTab();
    const tracker = watch();
    await player.play(4);
    await player.pause();
    await player.play(0.5);
    await player.pause();

    await tracker.detach();
    await world.clock.pass(5);

    expect(livePlaces()).toEqual([4]);
    expect(world.network.events).toMatchObject([{ kind: "flush", watch_time: 4.5 }]);
    expect(world.disk.rows).toEqual([]);
    expect(player.isWatched).toBe(false);
  });

  // The connection of the newer report broke, and that of the older one was only slow.
  test.each([200, 422, 503])(
    "newest report is sent when an older one gets its response (%i) after it failed",
    async (status) => {
      let respond = (_: Response) => {};
      const older = new Promise<Response>((resolve) => {
        respond = resolve;
      });
      world.network.responses["watch-time"] = [older, new TypeError("Failed to fetch")];
      const { player, watch, outbox } = world.openTab();
      watch();
      await player.play(4);
      await player.pause();
      await player.play(2);
      await player.pause();
      expect(livePlaces()).toEqual([4, 6]);

      respond(json({}, status));
      await world.clock.pass(60);

      expect(world.network.events.at(-1)).toMatchObject({ watch_time: 6 });
      expect(outbox.state.waiting).toBe(0);
      expect(world.disk.rows).toEqual([]);
    },
  );

  test("a report to a busy service counts as waiting until it is stored", async () => {
    const { player, watch, outbox } = world.openTab();
    world.network.responses["watch-time"] = [json({}, 503, { "Retry-After": "7" })];
    watch();
    await player.play(4);
    await player.pause();
    expect(outbox.state.waiting).toBe(1);

    await world.clock.pass(8);

    expect(outbox.state.waiting).toBe(0);
    expect(world.disk.rows).toEqual([]);
  });

  test("a report on a slow connection does not count as waiting once it is stored", async () => {
    const { player, watch, outbox } = world.openTab();
    let respond: (response: Response) => void = () => {};
    world.network.responses["watch-time"] = [
      json({}, 503, { "Retry-After": "2" }),
      new Promise((resolve) => (respond = resolve)),
    ];
    watch();
    await player.play(10);
    expect(outbox.state.waiting).toBe(1);

    await player.play(5);
    respond(json({}));
    await flushPromises();

    expect(outbox.state.waiting).toBe(0);
  });

  test("a rejected report is deleted", async () => {
    const { player, watch } = world.openTab();
    world.network.responses["watch-time"] = [json({ code: "duration_mismatch" }, 422)];
    watch();
    await player.play(4);
    await player.pause();

    expect(world.disk.rows).toEqual([]);
  });
});

test("network that comes back is used at once, not when the retry is due", async () => {
  const { player, watch, outbox } = world.openTab();
  outbox.start();
  watch();
  world.network.setOnline(false);
  await player.play(45);
  await player.pause();
  expect(livePlaces()).toEqual([]);
  expect(outbox.state.waiting).toBe(1);

  world.network.setOnline(true);
  await world.clock.pass(2);

  expect(world.network.events.map((event) => event.watch_time)).toEqual([45]);
  expect(outbox.state.waiting).toBe(0);
});

describe("seekTo", () => {
  test("seeks, and reports the place as the learner's", async () => {
    const { player, watch } = world.openTab();
    const tracker = watch({ resumeAtSeconds: 115 });
    player.land();

    tracker.seekTo(125);
    player.signal("seeking");
    player.land();
    await world.clock.pass(2);

    expect(player.soughtTo).toEqual([115, 125]);
    expect(livePlaces()).toEqual([125]);
  });

  test("replaces a seek that has not landed, and reports nothing", async () => {
    const { player, watch } = world.openTab();
    player.isLoaded = false;
    const tracker = watch({ resumeAtSeconds: 115 });

    tracker.seekTo(125);
    player.isLoaded = true;
    player.signal("loadedmetadata");
    player.land();
    await world.clock.pass(2);

    expect(player.soughtTo).toEqual([125]);
    expect(livePlaces()).toEqual([]);
  });
});

describe("a device with a wrong clock", () => {
  async function watchedAtHalfPastTen(behindSeconds: number) {
    world.clock.wallErrorMs = -behindSeconds * 1000;
    const { client, player, watch } = world.openTab();
    const headers = { Date: "Sun, 22 Nov 2026 10:30:00 GMT" };
    world.network.responses.resume = [json({ resume_at: 0 }, 200, headers)];
    await client.resume("video-1");
    watch();
    await player.play(4);
    await player.pause();
    return world.network.to("/watch-time").map(({ body }) => body.observed_at);
  }

  test("reports by the service's clock when it is an hour off", async () => {
    expect(await watchedAtHalfPastTen(3600)).toEqual(["2026-11-22T10:30:04.000Z"]);
  });

  test("reports by its own clock when it is slightly off, so that a repeat is identical", async () => {
    expect(await watchedAtHalfPastTen(3)).toEqual(["2026-11-22T10:30:01.000Z"]);
  });

  test("sends stored reports by its own clock, with the time of that clock", async () => {
    world.clock.wallErrorMs = -3_600_000;
    const { outbox } = world.openTab();
    outbox.put("session-1", "video-1", aReport({ observed_at: "2026-11-22T09:30:00.000Z" }));

    await outbox.close("session-1");

    expect(world.network.to("/events")[0]?.body).toMatchObject({
      sent_at: "2026-11-22T09:30:00.000Z",
      events: [{ observed_at: "2026-11-22T09:30:00.000Z" }],
    });
  });
});
