/** What has cost learners their place elsewhere, and must not here. */
import { beforeEach, describe, expect, test } from "vitest";
import { settle } from "./fakes";
import { aReport, json, World } from "./world";

let world: World;

beforeEach(() => {
  world = new World();
});

const livePlaces = () => world.network.to("/watch-time").map(({ body }) => body.watch_time);
const everyPlace = () => [
  ...livePlaces(),
  ...world.network.events.map((event) => event.watch_time),
  ...world.disk.rows.map((kept) => kept.report.watch_time),
];

describe("a zero position during load never moves the place", () => {
  test("when the media shows 0 before the first seek has landed", async () => {
    const { player, watch } = world.openTab();
    watch({ resumeAtSeconds: 125 });
    player.state.positionSeconds = 0;
    player.state.isSeeking = false;

    await player.play(2);
    await player.pause();
    player.signal("hidden");
    player.signal("leaving");
    await world.clock.pass(30);

    expect(everyPlace()).toEqual([]);
  });

  test("when the media is taken away and loads again", async () => {
    const { player, watch } = world.openTab();
    watch();
    await player.play(12);

    player.isLoaded = false;
    player.state.positionSeconds = 0;
    player.signal("emptied");
    player.isLoaded = true;
    player.state.isPlaying = false;
    player.signal("ready");
    player.signal("leaving");
    await world.clock.pass(30);

    expect(Math.min(...everyPlace())).toBeGreaterThanOrEqual(10);
  });

  test("when a player resets to 0 while the page lets go of it", async () => {
    const { player, watch } = world.openTab();
    const tracker = watch();
    await player.play(12);

    const detached = tracker.detach();
    player.state.positionSeconds = 0;
    player.signal("emptied");
    player.signal("pause");
    player.signal("leaving");
    await detached;
    await world.clock.pass(30);

    expect(everyPlace()).toEqual([10, 12]);
  });
});

describe("a paused tab that repeats itself never moves the place", () => {
  test("being looked at again and again says nothing", async () => {
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

  test("a paused place is said once, with the moment the learner was there", async () => {
    const { player, watch } = world.openTab();
    watch();
    await player.play(4);
    await player.pause();
    const [first] = world.network.to("/watch-time").map(({ body }) => body.observed_at);

    await world.clock.pass(3600);
    player.signal("hidden");
    player.signal("leaving");
    await world.clock.pass(3600);

    expect(world.network.to("/watch-time").map(({ body }) => body.observed_at)).toEqual([first]);
    expect(world.network.events).toEqual([]);
  });

  test("a repeated attempt keeps the moment, however late it gets through", async () => {
    const { player, watch } = world.openTab();
    world.network.answers["watch-time"] = [json({}, 503, { "Retry-After": "1800" })];
    watch();
    await player.play(4);
    await player.pause();

    await world.clock.pass(3600);

    const [failed, ...more] = world.network.to("/watch-time").map(({ body }) => body);
    expect(more).toEqual([]);
    expect(world.network.events).toMatchObject([failed]);
  });
});

describe("a stale local copy never moves the place", () => {
  test("a report kept for a week is handed in as old as it is", async () => {
    const old = world.openTab();
    old.outbox.keep("session-1", "video-1", aReport());
    old.kill();
    await world.clock.pass(7 * 86_400);

    world.openTab().outbox.start();
    await settle();

    expect(world.network.events.map((event) => event.observed_at)).toEqual([aReport().observed_at]);
  });

  test("the service's place wins over a copy that could not be handed in", async () => {
    const old = world.openTab();
    old.outbox.keep("session-1", "video-1", aReport());
    old.kill();
    world.network.answers.events = [json({}, 503)];
    world.network.answers.resume = [json({ resume_at: 300, watch_time: 310 })];
    world.network.answers.status = [json({ last_watched: "2026-11-22T10:30:01Z" })];

    const place = await world.openTab().link.resume("video-1");

    expect(place).toMatchObject({ resume_at: 300, watch_time: 310, source: "service" });
  });

  test("starting from it says nothing until something is played", async () => {
    const old = world.openTab();
    old.outbox.keep("session-1", "video-1", aReport());
    old.kill();
    const { link, player, watch } = world.openTab();
    world.network.setOnline(false);
    const place = await link.resume("video-1");
    expect(place).toMatchObject({ resume_at: 40, source: "device" });

    watch({ resumeAtSeconds: place.resume_at });
    player.land();
    player.signal("hidden");
    player.signal("leaving");
    await world.clock.pass(60);

    expect(world.disk.rows.map((kept) => kept.report.observed_at)).toEqual([aReport().observed_at]);
  });
});

describe("a killed browser", () => {
  test.each([3.25, 9.75, 10.5, 17])("after %d s of playing loses at most 2 s", async (seconds) => {
    const { player, watch, kill } = world.openTab();
    watch();
    await player.play(seconds);
    kill();

    const known = Math.max(...everyPlace());

    expect(seconds - known).toBeLessThanOrEqual(2);
  });

  test("right after a seek loses nothing of it", async () => {
    const { player, watch, kill } = world.openTab();
    watch();
    await player.play(3.25);
    player.drag(300);
    kill();

    expect(world.disk.rows).toContainEqual(
      expect.objectContaining({ report: expect.objectContaining({ watch_time: 300 }) }),
    );
  });

  test("is caught up with by the next page before it asks where to go on", async () => {
    const first = world.openTab();
    first.watch();
    await first.player.play(5);
    first.kill();
    world.network.requests = [];

    await world.openTab().link.resume("video-1");

    expect(world.network.requests.map(({ path }) => path.split("/").at(-1))).toEqual([
      "events",
      "resume?skip_intro=true",
    ]);
    expect(world.network.events).toMatchObject([{ watch_time: 4.5 }]);
  });
});

describe("a page that goes away", () => {
  test("says its last word over the limit of one a second, and keeps it until confirmed", async () => {
    const { player, watch } = world.openTab();
    watch();
    await player.play(4);
    await player.pause();
    await player.play(0.5);
    world.network.answers.events = [new Promise(() => {})];

    player.signal("leaving");

    expect(world.network.to("/events")).toMatchObject([
      { keepalive: true, body: { events: [{ kind: "flush", watch_time: 4.5 }] } },
    ]);
    expect(world.disk.rows).toMatchObject([{ report: { watch_time: 4.5 } }]);
  });

  test("and is confirmed leaves nothing behind", async () => {
    const { player, watch } = world.openTab();
    watch();
    await player.play(4);

    player.signal("leaving");
    await settle();

    expect(world.disk.rows).toEqual([]);
  });

  test("and comes back reports on", async () => {
    const { player, watch } = world.openTab();
    watch();
    await player.play(4);
    player.signal("leaving");
    await settle();

    await player.play(3);
    await player.pause();

    expect(livePlaces()).toEqual([7]);
    expect(world.disk.rows).toEqual([]);
  });

  test("with everything answered for has no last word", async () => {
    const { player, watch } = world.openTab();
    watch();
    await player.play(4);
    await player.pause();

    player.signal("leaving");
    await settle();

    expect(world.network.to("/events")).toEqual([]);
  });

  test("while its newest report is on its way does not send it twice", async () => {
    world.network.answers["watch-time"] = [new Promise(() => {})];
    const { player, watch } = world.openTab();
    watch();
    await player.play(4);
    await player.pause();

    player.signal("leaving");
    await settle();

    expect(livePlaces()).toEqual([4]);
    expect(world.network.to("/events")).toEqual([]);
    expect(world.disk.rows).toHaveLength(1);
  });

  test("and comes back with nothing new does not repeat itself", async () => {
    const { player, watch } = world.openTab();
    watch();
    await player.play(4);
    player.signal("leaving");
    await settle();

    player.state.isPlaying = false;
    player.signal("hidden");
    await world.clock.pass(5);

    expect(livePlaces()).toEqual([]);
    expect(world.network.events).toHaveLength(1);
  });
});

describe("while all goes well", () => {
  test("reports keep the live rhythm, and nothing is sent twice", async () => {
    const { player, watch, outbox } = world.openTab();
    outbox.start();
    watch();

    await player.play(35);

    expect(livePlaces()).toEqual([10, 20, 30]);
    expect(world.network.events).toEqual([]);
    expect(outbox.state.waiting).toBe(0);
  });

  test("letting go hands in the last place at once and resolves when it is stored", async () => {
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

  test("a busy service leaves one report waiting, until it has taken it", async () => {
    const { player, watch, outbox } = world.openTab();
    world.network.answers["watch-time"] = [json({}, 503, { "Retry-After": "7" })];
    watch();
    await player.play(4);
    await player.pause();
    expect(outbox.state.waiting).toBe(1);

    await world.clock.pass(8);

    expect(outbox.state.waiting).toBe(0);
    expect(world.disk.rows).toEqual([]);
  });

  test("a slow line leaves nothing waiting once it has taken one, while the video plays on", async () => {
    const { player, watch, outbox } = world.openTab();
    let answer: (response: Response) => void = () => {};
    world.network.answers["watch-time"] = [
      json({}, 503, { "Retry-After": "2" }),
      new Promise((resolve) => (answer = resolve)),
    ];
    watch();
    await player.play(10);
    expect(outbox.state.waiting).toBe(1);

    await player.play(5);
    answer(json({}));
    await settle();

    expect(outbox.state.waiting).toBe(0);
  });

  test("a report the service refuses is not kept", async () => {
    const { player, watch } = world.openTab();
    world.network.answers["watch-time"] = [json({ code: "duration_mismatch" }, 422)];
    watch();
    await player.play(4);
    await player.pause();

    expect(world.disk.rows).toEqual([]);
  });
});

test("a network that comes back is used at once, not when the retry is due", async () => {
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

describe("another place on one tap", () => {
  test("is sought, and is the learner's word", async () => {
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

  test("before the first seek has landed, takes its turn and is no news", async () => {
    const { player, watch } = world.openTab();
    player.isLoaded = false;
    const tracker = watch({ resumeAtSeconds: 115 });

    tracker.seekTo(125);
    player.isLoaded = true;
    player.signal("ready");
    player.land();
    await world.clock.pass(2);

    expect(player.soughtTo).toEqual([125]);
    expect(livePlaces()).toEqual([]);
  });
});

describe("a device whose clock is wrong", () => {
  async function watchedAtHalfPastTen(behindSeconds: number) {
    world.clock.wallErrorMs = -behindSeconds * 1000;
    const { link, player, watch } = world.openTab();
    const headers = { Date: "Sun, 22 Nov 2026 10:30:00 GMT" };
    world.network.answers.resume = [json({ resume_at: 0 }, 200, headers)];
    await link.resume("video-1");
    watch();
    await player.play(4);
    await player.pause();
    return world.network.to("/watch-time").map(({ body }) => body.observed_at);
  }

  test("by an hour reports by the service's clock", async () => {
    expect(await watchedAtHalfPastTen(3600)).toEqual(["2026-11-22T10:30:04.000Z"]);
  });

  test("by a little keeps its own, so that a repeat is identical", async () => {
    expect(await watchedAtHalfPastTen(3)).toEqual(["2026-11-22T10:30:01.000Z"]);
  });

  test("hands in what it kept by its own clock, and says what that clock is", async () => {
    world.clock.wallErrorMs = -3_600_000;
    const { outbox } = world.openTab();
    outbox.keep("session-1", "video-1", aReport({ observed_at: "2026-11-22T09:30:00.000Z" }));

    await outbox.release("session-1");

    expect(world.network.to("/events")[0]?.body).toMatchObject({
      sent_at: "2026-11-22T09:30:00.000Z",
      events: [{ observed_at: "2026-11-22T09:30:00.000Z" }],
    });
  });
});
