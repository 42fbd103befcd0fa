import { beforeEach, describe, expect, test } from "vitest";
import type { LiveFrame, ProgressFrame } from "../src/frames";
import { openLive } from "../src/live";
import { settle } from "./fakes";
import { aToken, json, World } from "./world";

let world: World;

beforeEach(() => {
  world = new World();
});

async function listen() {
  const live = openLive(world.openTab().link);
  const frames: LiveFrame[] = [];
  live.onFrame((frame) => frames.push(frame));
  live.start();
  await settle();
  return { live, frames };
}

/** Listening, and taken in by the service. */
async function connected() {
  const listening = await listen();
  world.network.lastSocket.welcome();
  return { ...listening, socket: world.network.lastSocket };
}

const progress = (changed: Partial<ProgressFrame> = {}): ProgressFrame => ({
  type: "progress",
  videoId: "video-1",
  watchTime: 40,
  totalDuration: 600,
  progressPercentage: 6.67,
  completed: false,
  watchedSeconds: 40,
  lastWatched: "2026-11-22T10:30:00Z",
  deviceId: "ipad",
  cursor: "cursor-1",
  ...changed,
});

describe("the conversation", () => {
  test("begins with who asks, and goes on from what plain HTTP told", async () => {
    world.network.answers.changes = [
      json({ cursor: "cursor-0", changes: [progress({ cursor: "older" })] }),
    ];

    const { live, socket } = await connected();

    expect(socket.sent).toEqual([
      { type: "auth", token: world.token, device_id: "laptop", since: "cursor-0" },
    ]);
    expect(live.state.connection).toBe("live");
    expect(live.state.progress).toMatchObject({ "video-1": { watchTime: 40 } });
  });

  test("keeps the newest state of each thing", async () => {
    const { live, socket, frames } = await connected();

    socket.say(progress());
    socket.say(progress({ watchTime: 50 }));
    socket.say(progress({ videoId: "video-2" }));
    socket.say({ type: "completed", videoId: "video-1", completedAt: "now", cursor: "c" });
    socket.say({ type: "course", courseId: "demo", enrolled: true, overallProgress: 45.5 });
    socket.say({ type: "playing", videoId: "video-1", deviceId: "ipad", watchTime: 50 });
    socket.say({ type: "heartbeat" });

    expect(live.state).toMatchObject({
      progress: { "video-1": { watchTime: 50 }, "video-2": { watchTime: 40 } },
      completed: { "video-1": { completedAt: "now" } },
      courses: { demo: { overallProgress: 45.5 } },
      playing: { "video-1": { deviceId: "ipad" } },
    });
    expect(frames.map(({ type }) => type)).toEqual([
      "progress",
      "progress",
      "progress",
      "completed",
      "course",
      "playing",
    ]);
  });

  test("everything is forgotten when everything was erased", async () => {
    const { live, socket, frames } = await connected();
    socket.say(progress());

    socket.say({ type: "cleared" });

    expect(live.state.progress).toEqual({});
    expect(frames.at(-1)).toEqual({ type: "cleared" });
  });

  test("a resync reads everything again, and what is gone is gone", async () => {
    const { live, socket, frames } = await connected();
    socket.say(progress());
    world.network.requests = [];
    world.network.answers.changes = [
      json({ cursor: "cursor-9", changes: [progress({ videoId: "video-2" })] }),
    ];

    socket.say({ type: "resync" });
    await settle();

    expect(world.network.to("/changes")).toMatchObject([{ path: "/api/progress/changes" }]);
    expect(Object.keys(live.state.progress)).toEqual(["video-2"]);
    expect(frames).toContainEqual({ type: "resync" });
  });

  test("what the socket tells while everything is read again is not overwritten by older states", async () => {
    const { live, socket, frames } = await connected();
    socket.say(progress());
    let answer: (response: Response) => void = () => {};
    world.network.answers.changes = [new Promise((resolve) => (answer = resolve))];
    socket.say({ type: "resync" });

    socket.say(progress({ watchTime: 50, lastWatched: "2026-11-22T10:30:10.500Z" }));
    socket.say(progress({ videoId: "video-2", lastWatched: "2026-11-22T10:30:10Z" }));
    socket.say(progress({ videoId: "video-3", lastWatched: "2026-11-22T10:30:10Z" }));
    answer(
      json({
        cursor: "cursor-9",
        changes: [
          progress({ lastWatched: "2026-11-22T10:30:10Z" }),
          progress({ videoId: "video-2", watchTime: 60, lastWatched: "2026-11-22T10:30:20Z" }),
        ],
      }),
    );
    await settle();

    expect(live.state.progress).toMatchObject({
      "video-1": { watchTime: 50 },
      "video-2": { watchTime: 60 },
      "video-3": { watchTime: 40 },
    });
    expect(frames.at(-1)).toMatchObject({ videoId: "video-2", watchTime: 60 });
  });

  test("a mark by hand, which has no time, is taken over from what is read again", async () => {
    const { live, socket } = await connected();
    let answer: (response: Response) => void = () => {};
    world.network.answers.changes = [new Promise((resolve) => (answer = resolve))];
    socket.say({ type: "resync" });

    socket.say(progress({ lastWatched: null }));
    answer(
      json({ cursor: "cursor-9", changes: [progress({ lastWatched: null, completed: true })] }),
    );
    await settle();

    expect(live.state.progress).toMatchObject({ "video-1": { completed: true } });
  });
});

describe("an interrupted connection", () => {
  test("comes back and goes on from the last state heard of", async () => {
    const { live, socket } = await connected();
    socket.say(progress({ cursor: "cursor-7" }));

    socket.end(1006);
    expect(live.state.connection).toBe("connecting");
    await world.clock.pass(1);
    world.network.lastSocket.welcome();

    expect(world.network.lastSocket.sent).toMatchObject([{ since: "cursor-7" }]);
    expect(live.state.connection).toBe("live");
  });

  test("is noticed by silence of twice the heartbeat", async () => {
    const { socket } = await connected();
    await world.clock.pass(40);
    socket.say({ type: "heartbeat" });

    await world.clock.pass(49);
    expect(socket.isClosed).toBe(false);
    await world.clock.pass(3);

    expect(socket.isClosed).toBe(true);
    expect(world.network.sockets).toHaveLength(2);
  });

  test("is tried ever more rarely, at least every half minute", async () => {
    await listen();
    const openedAt: number[] = [];

    for (let turn = 0; turn < 9; turn += 1) {
      openedAt.push(world.clock.steadyMs() / 1000);
      const known = world.network.sockets.length;
      world.network.lastSocket.end(1006);
      while (world.network.sockets.length === known) await world.clock.pass(0.5);
    }

    const gaps = openedAt.slice(1).map((at, index) => at - (openedAt[index] ?? 0));
    expect(gaps).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
  });

  test("a service that never says it is ready counts as one", async () => {
    await listen();
    world.network.lastSocket.onopen?.();

    await world.clock.pass(12);

    expect(world.network.sockets).toHaveLength(2);
  });

  test("that was good again is tried soon after the next", async () => {
    const { live } = await listen();
    for (let turn = 0; turn < 4; turn += 1) {
      world.network.lastSocket.end(1006);
      await world.clock.pass(8);
    }
    world.network.lastSocket.welcome();
    expect(live.state.connection).toBe("live");
    const known = world.network.sockets.length;

    world.network.lastSocket.end(1012);
    await world.clock.pass(1);

    expect(world.network.sockets).toHaveLength(known + 1);
  });
});

describe("where sockets fail, plain HTTP helps out", () => {
  async function failing() {
    const listening = await listen();
    for (let turn = 0; turn < 4; turn += 1) {
      world.network.lastSocket.end(1006);
      await world.clock.pass(30);
    }
    return listening;
  }

  test("states come from there, each time from the last cursor on", async () => {
    const { live, frames } = await failing();
    expect(live.state.connection).toBe("polling");
    world.network.requests = [];
    world.network.answers.changes = [json({ cursor: "cursor-5", changes: [progress()] })];

    world.network.lastSocket.end(1006);
    await world.clock.pass(31);
    world.network.lastSocket.end(1006);
    await world.clock.pass(31);

    expect(live.state.progress).toMatchObject({ "video-1": { watchTime: 40 } });
    expect(frames).toHaveLength(1);
    expect(world.network.to("/changes").map(({ path }) => path.split("?")[1])).toEqual([
      "since=polled",
      "since=cursor-5",
    ]);
  });

  test("a cursor it cannot read is left out the next time", async () => {
    await failing();
    world.network.requests = [];
    world.network.answers.changes = [json({ code: "bad_cursor" }, 422)];

    world.network.lastSocket.end(1006);
    await world.clock.pass(31);
    world.network.lastSocket.end(1006);
    await world.clock.pass(31);

    expect(world.network.to("/changes").map(({ path }) => path.split("?")[1])).toEqual([
      "since=polled",
      undefined,
    ]);
  });

  test("and when that fails too, it is said", async () => {
    world.network.answers.changes = Array.from({ length: 20 }, () => json({}, 503));

    const { live } = await failing();

    expect(live.state.connection).toBe("offline");
  });
});

describe("why the service closed", () => {
  test("4401 asks for a fresh token and comes back with it", async () => {
    const { socket } = await connected();
    world.freshToken = aToken("ana", 5_000_000_000);

    socket.end(4401);
    await world.clock.pass(1);
    world.network.lastSocket.onopen?.();

    expect(world.network.lastSocket.sent).toMatchObject([{ token: world.freshToken }]);
  });

  test("4401 without a fresh token ends it", async () => {
    const { live, socket } = await connected();

    socket.end(4401);
    await world.clock.pass(600);

    expect(live.state.connection).toBe("stopped");
    expect(world.network.sockets).toHaveLength(1);
  });

  test("fresh tokens that are refused again are not asked for in a hurry", async () => {
    await connected();
    world.freshToken = aToken("ana", 5_000_000_000);

    for (let passed = 0; passed < 60; passed += 0.5) {
      world.network.lastSocket.end(4401);
      await world.clock.pass(0.5);
    }

    expect(world.renewals).toBeLessThan(8);
  });

  test("4403 ends it", async () => {
    const { live, socket } = await connected();

    socket.end(4403);
    await world.clock.pass(600);

    expect(live.state.connection).toBe("stopped");
    expect(world.network.sockets).toHaveLength(1);
  });

  test("4400 leaves out the cursor, and ends it when that was not the reason", async () => {
    const { live, socket } = await connected();
    world.network.answers.changes = [json({}, 503)];

    socket.end(4400);
    await world.clock.pass(1);
    world.network.lastSocket.onopen?.();
    expect(world.network.lastSocket.sent).toMatchObject([{ since: null }]);
    world.network.lastSocket.end(4400);

    expect(live.state.connection).toBe("stopped");
  });

  test.each([
    [4429, 31],
    [4503, 2],
    [1012, 2],
  ])("%d is tried again within %d s", async (code, seconds) => {
    const { socket } = await connected();

    socket.end(code);
    await world.clock.pass(seconds);

    expect(world.network.sockets).toHaveLength(2);
  });

  test("4429 again and again is tried every half minute, and states come over HTTP", async () => {
    const { live } = await listen();
    for (let turn = 1; turn <= 5; turn += 1) {
      world.network.lastSocket.end(4429);
      await world.clock.pass(29);
      expect(world.network.sockets).toHaveLength(turn);
      await world.clock.pass(1);
      expect(world.network.sockets).toHaveLength(turn + 1);
    }
    expect(live.state.connection).toBe("polling");

    world.network.lastSocket.welcome();

    expect(live.state.connection).toBe("live");
  });

  test("4429 of a socket that was good keeps what is known and goes on from there", async () => {
    const { live, socket } = await connected();
    socket.say(progress({ cursor: "cursor-7" }));

    socket.end(4429);
    expect(live.state).toMatchObject({
      connection: "connecting",
      progress: { "video-1": { watchTime: 40 } },
    });
    await world.clock.pass(30);
    world.network.lastSocket.welcome();

    expect(world.network.lastSocket.sent).toMatchObject([{ since: "cursor-7" }]);
    expect(live.state.connection).toBe("live");
  });

  test("4429 is not tried again soon", async () => {
    const { socket } = await connected();

    socket.end(4429);
    await world.clock.pass(29);

    expect(world.network.sockets).toHaveLength(1);
  });
});

describe("a token that ends", () => {
  const inSeconds = (seconds: number) => Math.floor(world.clock.wallMs() / 1000) + seconds;

  test("is renewed in place before it does", async () => {
    world.token = aToken("ana", inSeconds(100));
    const { socket } = await connected();
    world.freshToken = aToken("ana", inSeconds(3700));

    for (let turn = 0; turn < 8; turn += 1) {
      await world.clock.pass(10);
      socket.say({ type: "heartbeat" });
    }

    expect(socket.sent.map(({ token }) => token)).toEqual([
      aToken("ana", inSeconds(20)),
      world.freshToken,
    ]);
    expect(world.network.sockets).toHaveLength(1);
  });

  test("and was renewed by somebody else is not asked for", async () => {
    world.token = aToken("ana", inSeconds(40));
    const { socket } = await connected();
    world.token = aToken("ana", inSeconds(4000));

    await world.clock.pass(15);

    expect(socket.sent).toHaveLength(2);
    expect(world.renewals).toBe(0);
  });

  test("is not sent for another account", async () => {
    const { socket } = await connected();
    world.token = aToken("ben");

    socket.end(1012);
    await world.clock.pass(600);

    expect(world.network.sockets).toHaveLength(1);
  });
});

describe("the network", () => {
  test("lost: nothing is tried; back: at once", async () => {
    const { live, socket } = await connected();

    world.network.setOnline(false);
    expect(live.state.connection).toBe("offline");
    expect(socket.isClosed).toBe(true);
    await world.clock.pass(600);
    expect(world.network.sockets).toHaveLength(1);

    world.network.setOnline(true);
    await settle();

    expect(world.network.sockets).toHaveLength(2);
  });

  test("nothing is heard after stop, and start begins again", async () => {
    const { live, frames, socket } = await connected();

    live.stop();
    socket.say(progress());
    await world.clock.pass(600);
    expect(frames).toEqual([]);
    expect(world.network.sockets).toHaveLength(1);

    live.start();
    await settle();

    expect(world.network.sockets).toHaveLength(2);
  });
});
