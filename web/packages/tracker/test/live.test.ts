import { beforeEach, describe, expect, test } from "vitest";
import type { LiveFrame, ProgressFrame } from "../src/frames";
import { openLive } from "../src/live";
import type { OutboxEntry } from "../src/store";
import { flushPromises } from "./fakes";
import { aReport, aToken, json, World } from "./world";

let world: World;

beforeEach(() => {
  world = new World();
});

async function listen() {
  const live = openLive(world.openTab().client);
  const frames: LiveFrame[] = [];
  live.onFrame((frame) => frames.push(frame));
  live.start();
  await flushPromises();
  return { live, frames };
}

/** Live states with an accepted socket. */
async function connected() {
  const listening = await listen();
  world.network.lastSocket.accept();
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

describe("the socket", () => {
  test("authenticates, with the cursor of the plain HTTP response", async () => {
    world.network.responses.changes = [
      json({ cursor: "cursor-0", changes: [progress({ cursor: "older" })] }),
    ];

    const { live, socket } = await connected();

    expect(socket.sent).toEqual([
      { type: "auth", token: world.token, device_id: "laptop", since: "cursor-0" },
    ]);
    expect(live.state.connection).toBe("live");
    expect(live.state.progress).toMatchObject({ "video-1": { watchTime: 40 } });
  });

  test("replaces the state of each video and course", async () => {
    const { live, socket, frames } = await connected();

    socket.push(progress());
    socket.push(progress({ watchTime: 50 }));
    socket.push(progress({ videoId: "video-2" }));
    socket.push({ type: "completed", videoId: "video-1", completedAt: "now", cursor: "c" });
    socket.push({ type: "course", courseId: "demo", enrolled: true, overallProgress: 45.5 });
    socket.push({ type: "playing", videoId: "video-1", deviceId: "ipad", watchTime: 50 });
    socket.push({ type: "heartbeat" });

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

  test("clears all states when the data was erased", async () => {
    const { live, socket, frames } = await connected();
    socket.push(progress());

    socket.push({ type: "cleared" });

    expect(live.state.progress).toEqual({});
    expect(frames.at(-1)).toEqual({ type: "cleared" });
  });

  test("deletes the reports of this browser when the data was erased, also those being sent", async () => {
    const { outbox } = world.openTab();
    outbox.put("session-1", "video-1", aReport());
    outbox.flushOnPageHide("session-1", false);
    let respond: (response: Response) => void = () => {};
    world.network.responses.events = [new Promise((resolve) => (respond = resolve))];
    void outbox.drain();
    const { socket } = await connected();
    world.disk.copies = [{ ...world.disk.rows[0], id: "video-2", isStored: true } as OutboxEntry];

    socket.push({ type: "cleared" });
    await flushPromises();
    const results = [{ event_id: "session-1", status: "applied" }];
    respond(json({ results, cursor: "after" }));
    await flushPromises();

    expect(world.disk).toMatchObject({ rows: [], copies: [] });
  });

  test("reads everything again after a resync", async () => {
    const { live, socket, frames } = await connected();
    socket.push(progress());
    world.network.requests = [];
    world.network.responses.changes = [
      json({ cursor: "cursor-9", changes: [progress({ videoId: "video-2" })] }),
    ];

    socket.push({ type: "resync" });
    await flushPromises();

    expect(world.network.to("/changes")).toMatchObject([{ path: "/api/progress/changes" }]);
    expect(Object.keys(live.state.progress)).toEqual(["video-2"]);
    expect(frames).toContainEqual({ type: "resync" });
  });

  test("states received during a resync are not replaced by older ones", async () => {
    const { live, socket, frames } = await connected();
    socket.push(progress());
    let respond: (response: Response) => void = () => {};
    world.network.responses.changes = [new Promise((resolve) => (respond = resolve))];
    socket.push({ type: "resync" });

    socket.push(progress({ watchTime: 50, lastWatched: "2026-11-22T10:30:10.500Z" }));
    socket.push(progress({ videoId: "video-2", lastWatched: "2026-11-22T10:30:10Z" }));
    socket.push(progress({ videoId: "video-3", lastWatched: "2026-11-22T10:30:10Z" }));
    respond(
      json({
        cursor: "cursor-9",
        changes: [
          progress({ lastWatched: "2026-11-22T10:30:10Z" }),
          progress({ videoId: "video-2", watchTime: 60, lastWatched: "2026-11-22T10:30:20Z" }),
        ],
      }),
    );
    await flushPromises();

    expect(live.state.progress).toMatchObject({
      "video-1": { watchTime: 50 },
      "video-2": { watchTime: 60 },
      "video-3": { watchTime: 40 },
    });
    expect(frames.at(-1)).toMatchObject({ videoId: "video-2", watchTime: 60 });
  });

  test("a manual mark, which has no time, is updated by a resync", async () => {
    const { live, socket } = await connected();
    let respond: (response: Response) => void = () => {};
    world.network.responses.changes = [new Promise((resolve) => (respond = resolve))];
    socket.push({ type: "resync" });

    socket.push(progress({ lastWatched: null }));
    respond(
      json({ cursor: "cursor-9", changes: [progress({ lastWatched: null, completed: true })] }),
    );
    await flushPromises();

    expect(live.state.progress).toMatchObject({ "video-1": { completed: true } });
  });
});

describe("an interrupted connection", () => {
  test("reconnects with the cursor of the newest state", async () => {
    const { live, socket } = await connected();
    socket.push(progress({ cursor: "cursor-7" }));

    socket.end(1006);
    expect(live.state.connection).toBe("connecting");
    await world.clock.pass(1);
    world.network.lastSocket.accept();

    expect(world.network.lastSocket.sent).toMatchObject([{ since: "cursor-7" }]);
    expect(live.state.connection).toBe("live");
  });

  test("is detected after twice the heartbeat without a frame", async () => {
    const { socket } = await connected();
    await world.clock.pass(40);
    socket.push({ type: "heartbeat" });

    await world.clock.pass(49);
    expect(socket.isClosed).toBe(false);
    await world.clock.pass(3);

    expect(socket.isClosed).toBe(true);
    expect(world.network.sockets).toHaveLength(2);
  });

  test("is retried after growing pauses of at most half a minute", async () => {
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

  test("is assumed when no ready frame comes", async () => {
    await listen();
    world.network.lastSocket.onopen?.();

    await world.clock.pass(12);

    expect(world.network.sockets).toHaveLength(2);
  });

  test("starts with short pauses again after a success", async () => {
    const { live } = await listen();
    for (let turn = 0; turn < 4; turn += 1) {
      world.network.lastSocket.end(1006);
      await world.clock.pass(8);
    }
    world.network.lastSocket.accept();
    expect(live.state.connection).toBe("live");
    const known = world.network.sockets.length;

    world.network.lastSocket.end(1012);
    await world.clock.pass(1);

    expect(world.network.sockets).toHaveLength(known + 1);
  });
});

describe("plain HTTP, where sockets fail", () => {
  async function failing() {
    const listening = await listen();
    for (let turn = 0; turn < 4; turn += 1) {
      world.network.lastSocket.end(1006);
      await world.clock.pass(30);
    }
    return listening;
  }

  test("reads the states since the last cursor", async () => {
    const { live, frames } = await failing();
    expect(live.state.connection).toBe("polling");
    world.network.requests = [];
    world.network.responses.changes = [json({ cursor: "cursor-5", changes: [progress()] })];

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

  test("omits a cursor that was rejected", async () => {
    await failing();
    world.network.requests = [];
    world.network.responses.changes = [json({ code: "bad_cursor" }, 422)];

    world.network.lastSocket.end(1006);
    await world.clock.pass(31);
    world.network.lastSocket.end(1006);
    await world.clock.pass(31);

    expect(world.network.to("/changes").map(({ path }) => path.split("?")[1])).toEqual([
      "since=polled",
      undefined,
    ]);
  });

  test("reports the connection as offline when it fails too", async () => {
    world.network.responses.changes = Array.from({ length: 20 }, () => json({}, 503));

    const { live } = await failing();

    expect(live.state.connection).toBe("offline");
  });
});

describe("the close code", () => {
  test("4401 renews the token and reconnects", async () => {
    const { socket } = await connected();
    world.freshToken = aToken("ana", 5_000_000_000);

    socket.end(4401);
    await world.clock.pass(1);
    world.network.lastSocket.onopen?.();

    expect(world.network.lastSocket.sent).toMatchObject([{ token: world.freshToken }]);
  });

  test("4401 without a fresh token stops", async () => {
    const { live, socket } = await connected();

    socket.end(4401);
    await world.clock.pass(600);

    expect(live.state.connection).toBe("stopped");
    expect(world.network.sockets).toHaveLength(1);
  });

  test("4401 again and again limits the renewals", async () => {
    await connected();
    world.freshToken = aToken("ana", 5_000_000_000);

    for (let passed = 0; passed < 60; passed += 0.5) {
      world.network.lastSocket.end(4401);
      await world.clock.pass(0.5);
    }

    expect(world.renewals).toBeLessThan(8);
  });

  test("4403 stops", async () => {
    const { live, socket } = await connected();

    socket.end(4403);
    await world.clock.pass(600);

    expect(live.state.connection).toBe("stopped");
    expect(world.network.sockets).toHaveLength(1);
  });

  test("4400 omits the cursor, and stops when it comes again", async () => {
    const { live, socket } = await connected();
    world.network.responses.changes = [json({}, 503)];

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
  ])("%d reconnects within %d s", async (code, seconds) => {
    const { socket } = await connected();

    socket.end(code);
    await world.clock.pass(seconds);

    expect(world.network.sockets).toHaveLength(2);
  });

  test("4429 again and again reconnects every half minute, with states over HTTP", async () => {
    const { live } = await listen();
    for (let turn = 1; turn <= 5; turn += 1) {
      world.network.lastSocket.end(4429);
      await world.clock.pass(29);
      expect(world.network.sockets).toHaveLength(turn);
      await world.clock.pass(1);
      expect(world.network.sockets).toHaveLength(turn + 1);
    }
    expect(live.state.connection).toBe("polling");

    world.network.lastSocket.accept();

    expect(live.state.connection).toBe("live");
  });

  test("4429 of a live socket preserves states and cursor", async () => {
    const { live, socket } = await connected();
    socket.push(progress({ cursor: "cursor-7" }));

    socket.end(4429);
    expect(live.state).toMatchObject({
      connection: "connecting",
      progress: { "video-1": { watchTime: 40 } },
    });
    await world.clock.pass(30);
    world.network.lastSocket.accept();

    expect(world.network.lastSocket.sent).toMatchObject([{ since: "cursor-7" }]);
    expect(live.state.connection).toBe("live");
  });

  test("4429 does not reconnect before half a minute", async () => {
    const { socket } = await connected();

    socket.end(4429);
    await world.clock.pass(29);

    expect(world.network.sockets).toHaveLength(1);
  });
});

describe("a token that expires", () => {
  const inSeconds = (seconds: number) => Math.floor(world.clock.wallMs() / 1000) + seconds;

  test("is renewed on the open socket before", async () => {
    world.token = aToken("ana", inSeconds(100));
    const { socket } = await connected();
    world.freshToken = aToken("ana", inSeconds(3700));

    for (let turn = 0; turn < 8; turn += 1) {
      await world.clock.pass(10);
      socket.push({ type: "heartbeat" });
    }

    expect(socket.sent.map(({ token }) => token)).toEqual([
      aToken("ana", inSeconds(20)),
      world.freshToken,
    ]);
    expect(world.network.sockets).toHaveLength(1);
  });

  test("is not renewed twice when a fresh one is in place", async () => {
    world.token = aToken("ana", inSeconds(40));
    const { socket } = await connected();
    world.token = aToken("ana", inSeconds(4000));

    await world.clock.pass(15);

    expect(socket.sent).toHaveLength(2);
    expect(world.renewals).toBe(0);
  });

  test("of another account is not sent", async () => {
    const { socket } = await connected();
    world.token = aToken("ben");

    socket.end(1012);
    await world.clock.pass(600);

    expect(world.network.sockets).toHaveLength(1);
  });
});

describe("the network", () => {
  test("going offline closes the socket, and coming back reconnects at once", async () => {
    const { live, socket } = await connected();

    world.network.setOnline(false);
    expect(live.state.connection).toBe("offline");
    expect(socket.isClosed).toBe(true);
    await world.clock.pass(600);
    expect(world.network.sockets).toHaveLength(1);

    world.network.setOnline(true);
    await flushPromises();

    expect(world.network.sockets).toHaveLength(2);
  });

  test("stop ends all frames, and start begins again", async () => {
    const { live, frames, socket } = await connected();

    live.stop();
    socket.push(progress());
    await world.clock.pass(600);
    expect(frames).toEqual([]);
    expect(world.network.sockets).toHaveLength(1);

    live.start();
    await flushPromises();

    expect(world.network.sockets).toHaveLength(2);
  });
});
