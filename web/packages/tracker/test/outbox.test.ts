import { beforeEach, describe, expect, test } from "vitest";
import { flushPromises } from "./fakes";
import { aReport, aToken, htmlPage, json, World } from "./world";

let world: World;

beforeEach(() => {
  world = new World();
});

const problem = (status: number, headers: Record<string, string> = {}) =>
  json({ code: "no", detail: "No." }, status, headers);

/** The service limits events from now on: a burst, then a rate. */
function limitEvents({ burst, perSecond }: { burst: number; perSecond: number }) {
  const { network, clock } = world;
  const accept = network.fetch;
  const seen = { sizes: [] as number[], rejectedCalls: 0 };
  let allowance = burst;
  let countedAtMs = clock.steadyMs();
  network.fetch = async (address, request) => {
    if (!address.endsWith("/events")) return accept(address, request);
    const size: number = JSON.parse(String(request.body)).events.length;
    seen.sizes.push(size);
    const passedSeconds = (clock.steadyMs() - countedAtMs) / 1000;
    allowance = Math.min(allowance + passedSeconds * perSecond, burst);
    countedAtMs = clock.steadyMs();
    if (size > allowance) {
      seen.rejectedCalls += 1;
      const waitSeconds = Math.ceil((size - allowance) / perSecond);
      return problem(429, { "Retry-After": String(waitSeconds) });
    }
    allowance -= size;
    return accept(address, request);
  };
  return seen;
}

/** A page stored a report and was killed. */
function storeAndKill(session = "session-1", changed: Parameters<typeof aReport>[0] = {}) {
  const tab = world.openTab();
  tab.outbox.put(session, "video-1", aReport({ session_id: session, ...changed }));
  tab.kill();
}

async function reopen() {
  const tab = world.openTab();
  tab.outbox.start();
  await flushPromises();
  return tab;
}

describe("a report", () => {
  test("is on disk before anything is sent", async () => {
    const { outbox } = world.openTab();

    outbox.put("session-1", "video-1", aReport());

    expect(world.disk.rows).toMatchObject([
      { accountId: "ana", id: "session-1", videoId: "video-1", report: { watch_time: 40 } },
    ]);
    expect(world.network.requests).toEqual([]);
  });

  test("replaces the previous one of its session", () => {
    const { outbox } = world.openTab();

    for (const watch_time of [40, 41, 42]) {
      outbox.put("session-1", "video-1", aReport({ watch_time }));
    }
    outbox.put("session-2", "video-2", aReport({ watch_time: 7 }));

    expect(world.disk.rows.map((entry) => entry.report.watch_time)).toEqual([42, 7]);
  });

  test("is deleted when it is acknowledged", () => {
    const { outbox } = world.openTab();
    outbox.put("session-1", "video-1", aReport());

    outbox.acknowledge("session-1", aReport(), true);

    expect(world.disk.rows).toEqual([]);
  });

  test("stays when an older one is acknowledged", () => {
    const { outbox } = world.openTab();
    outbox.put("session-1", "video-1", aReport());
    outbox.put("session-1", "video-1", aReport({ watch_time: 41 }));

    outbox.acknowledge("session-1", aReport(), true);

    expect(world.disk.rows).toMatchObject([{ report: { watch_time: 41 } }]);
  });

  test("of a place further on is sent as soon as the step back is stored", async () => {
    const { outbox } = world.openTab();
    outbox.put("session-1", "video-1", aReport({ watch_time: 41.2 }));
    // Some browsers step back a little when they pause.
    outbox.put("session-1", "video-1", aReport({ watch_time: 41.1, kind: "pause" }));

    outbox.acknowledge("session-1", aReport({ watch_time: 41.1, kind: "pause" }), true);
    await world.clock.pass(1);

    expect(world.disk.rows).toEqual([]);
  });

  test("of a place further on stays beside a step back, because it may complete the video", () => {
    const { outbox } = world.openTab();
    outbox.put("session-1", "video-1", aReport({ watch_time: 500 }));

    outbox.put("session-1", "video-1", aReport({ watch_time: 20, kind: "seek" }));

    expect(world.disk.rows.map((entry) => entry.report.watch_time).sort()).toEqual([20, 500]);
  });

  test("of a place that was only dragged over is replaced", () => {
    const { outbox } = world.openTab();
    outbox.put("session-1", "video-1", aReport({ watch_time: 500, kind: "seek" }));

    outbox.put("session-1", "video-1", aReport({ watch_time: 20, kind: "seek" }));

    expect(world.disk.rows.map((entry) => entry.report.watch_time)).toEqual([20]);
  });
});

describe("a report of a closed page", () => {
  test("is sent by the next page, with the time of the attempt", async () => {
    storeAndKill();
    await world.clock.pass(3600);

    await reopen();

    expect(world.network.to("/events").map(({ body }) => body)).toEqual([
      {
        sent_at: "2026-11-22T11:30:00.000Z",
        events: [{ event_id: "session-1", video_id: "video-1", ...aReport() }],
      },
    ]);
    expect(world.disk.rows).toEqual([]);
  });

  test("is retried with the time of the retry", async () => {
    storeAndKill();
    world.network.responses.events = [problem(503)];
    await reopen();

    await world.clock.pass(60);

    const times = world.network.to("/events").map(({ body }) => body.sent_at);
    expect(times).toEqual(["2026-11-22T10:30:00.000Z", "2026-11-22T10:30:02.000Z"]);
  });

  test("is left to its page while that is open", async () => {
    const living = world.openTab();
    living.outbox.put("session-1", "video-1", aReport());

    await reopen();

    expect(world.network.requests).toEqual([]);
  });

  test("is sent at once where locks are missing", async () => {
    world.locks.isMissing = true;
    storeAndKill();

    await reopen();

    expect(world.network.events).toHaveLength(1);
  });

  test("is sent once when two pages open together", async () => {
    storeAndKill();

    await Promise.all([reopen(), reopen()]);
    await world.clock.pass(60);

    expect(world.network.events).toHaveLength(1);
  });

  test("is sent in a batch of at most 100 events", async () => {
    for (let at = 0; at < 1001; at += 1) storeAndKill(`session-${at}`);

    await reopen();
    await world.clock.pass(1);

    const sizes = world.network.to("/events").map(({ body }) => body.events.length);
    expect(sizes).toEqual([...Array(10).fill(100), 1]);
    expect(world.disk.rows).toEqual([]);
  });

  test("is sent in a body of less than a mebibyte", async () => {
    const played = Array.from(
      { length: 200 },
      (_, at) => [at * 3 + 0.123, at * 3 + 1.456] as const,
    );
    for (let at = 0; at < 500; at += 1) storeAndKill(`session-${at}`, { played });

    await reopen();
    await world.clock.pass(1);

    const bodies = world.network.to("/events").map(({ body }) => JSON.stringify(body).length);
    expect(bodies.length).toBeGreaterThan(1);
    expect(Math.max(...bodies)).toBeLessThan(1_048_576);
    expect(world.network.events).toHaveLength(500);
  });
});

describe("a failed batch", () => {
  test.each([
    ["with a token that is not accepted", () => problem(401)],
    ["after too many requests", () => problem(429, { "Retry-After": "7" })],
    ["by a broken service", () => problem(500)],
    ["by a busy service", () => problem(503, { "Retry-After": "7" })],
    ["that is rejected as a whole", () => problem(422)],
    ["by the login page of a network", htmlPage],
    ["without a response", () => new TypeError("Failed to fetch")],
  ])("%s is sent again", async (_what, response) => {
    storeAndKill();
    world.network.responses.events = [response()];

    const { outbox } = await reopen();

    expect(world.disk.rows).toHaveLength(1);
    expect(outbox.state.waiting).toBe(1);

    await world.clock.pass(60);

    expect(world.disk.rows).toEqual([]);
    expect(outbox.state.waiting).toBe(0);
  });

  test("waits for Retry-After", async () => {
    storeAndKill();
    world.network.responses.events = [problem(429, { "Retry-After": "30" })];
    await reopen();

    await world.clock.pass(29);
    expect(world.network.to("/events")).toHaveLength(1);
    await world.clock.pass(2);

    expect(world.network.to("/events")).toHaveLength(2);
  });

  test("waits for Retry-After whatever triggers another attempt", async () => {
    storeAndKill();
    world.network.responses.events = [problem(429, { "Retry-After": "60" })];
    const { client, outbox } = await reopen();

    for (let passed = 0; passed < 55; passed += 5) {
      await world.clock.pass(5);
      // The page becomes visible, a live report is stored, and a video is opened.
      world.network.setOnline(true);
      outbox.put("session-2", "video-2", aReport({ session_id: "session-2" }));
      outbox.acknowledge("session-2", aReport({ session_id: "session-2" }), true);
      await client.resume("video-2");
    }
    expect(world.network.to("/events")).toHaveLength(1);
    expect(outbox.state).toMatchObject({ waiting: 1, isDraining: false });
    await world.clock.pass(6);

    expect(world.network.to("/events")).toHaveLength(2);
    expect(outbox.state.waiting).toBe(0);
  });

  test("delays a session that closes before Retry-After", async () => {
    storeAndKill();
    world.network.responses.events = [problem(429, { "Retry-After": "60" })];
    const { outbox } = await reopen();

    outbox.put("session-2", "video-2", aReport({ session_id: "session-2" }));
    await outbox.close("session-2");

    expect(world.network.to("/events")).toHaveLength(1);
    expect(outbox.state.waiting).toBe(2);
  });

  test("does not delay the flush of a closing page", async () => {
    storeAndKill();
    world.network.responses.events = [problem(429, { "Retry-After": "60" })];
    const { outbox } = await reopen();
    outbox.put("session-2", "video-2", aReport({ session_id: "session-2" }));

    outbox.flushOnPageHide("session-2", true);
    await flushPromises();

    expect(world.network.to("/events").map(({ keepalive }) => keepalive)).toEqual([false, true]);
  });

  test("of a large outbox is retried until each event was sent once", async () => {
    for (let at = 0; at < 3_000; at += 1) storeAndKill(`session-${at}`);
    const limit = limitEvents({ burst: 2_000, perSecond: 20 });

    const { outbox } = await reopen();
    await world.clock.pass(1);
    expect(world.network.events).toHaveLength(2_000);
    expect(outbox.state).toMatchObject({ waiting: 1_000, isDraining: false });
    await world.clock.pass(60);

    const ids = world.network.events.map(({ event_id }) => event_id);
    expect([ids.length, new Set(ids).size]).toEqual([3_000, 3_000]);
    expect(Math.max(...limit.sizes)).toBe(100);
    // One for each batch that had to wait: nothing is sent before its time.
    expect(limit.rejectedCalls).toBe(10);
    expect(outbox.state).toMatchObject({ waiting: 0, isDraining: false });
    expect(world.disk.rows).toEqual([]);
  });

  test("is retried after growing pauses", async () => {
    storeAndKill();
    world.network.responses.events = Array.from({ length: 100 }, () => problem(500));
    await reopen();

    await world.clock.pass(600);

    expect(world.network.to("/events").length).toBeLessThan(16);
  });

  test("with one rejected event reports and deletes that one only", async () => {
    storeAndKill("session-1");
    storeAndKill("session-2");
    world.network.responses.events = [
      json({
        results: [
          { status: "rejected", code: "duration_mismatch", detail: "600 is not 700." },
          { status: "applied" },
        ],
      }),
    ];

    await reopen();

    expect(world.disk.rows).toEqual([]);
    expect(world.rejected).toMatchObject([
      { videoId: "video-1", code: "duration_mismatch", report: { watch_time: 40 } },
    ]);
  });

  test("is sent again unchanged after a crash before the deletion", async () => {
    storeAndKill();
    const [row] = world.disk.rows;
    await reopen();
    if (row) world.disk.rows = [row];

    await reopen();

    const [first, second] = world.network.to("/events");
    expect(second?.body.events).toEqual(first?.body.events);
  });

  test("is sent again with a fresh token", async () => {
    storeAndKill();
    world.network.responses.events = [problem(401)];
    world.freshToken = aToken("ana", 5_000_000_000);

    await reopen();
    await world.clock.pass(1);

    const [stale, fresh] = world.network.to("/events").map(({ bearer }) => bearer);
    expect(fresh).toBe(world.freshToken);
    expect(stale).not.toBe(fresh);
    expect(world.renewals).toBe(1);
  });
});

describe("two accounts on one browser", () => {
  test("do not send each other's reports", async () => {
    storeAndKill();
    world.token = aToken("ben");

    const tab = world.openTab("ben");
    tab.outbox.start();
    await world.clock.pass(120);

    expect(world.network.events).toEqual([]);
    expect(tab.outbox.state.waiting).toBe(0);
    expect(world.disk.rows).toMatchObject([{ accountId: "ana" }]);
  });

  test("do not use each other's token", async () => {
    storeAndKill();
    world.token = aToken("ben");

    await reopen();
    await world.clock.pass(120);

    expect(world.network.requests).toEqual([]);
    expect(world.disk.rows).toHaveLength(1);
  });

  test("send their reports when they sign in again", async () => {
    storeAndKill();
    world.token = aToken("ben");
    world.openTab("ben").outbox.start();
    await flushPromises();

    world.token = aToken("ana");
    await reopen();

    expect(world.network.events).toHaveLength(1);
  });
});

describe("without a network", () => {
  test("reports count as waiting, and are sent as soon as it is back", async () => {
    const { outbox } = await reopen();
    world.network.setOnline(false);
    for (const session of ["one", "two", "three"]) {
      outbox.put(session, `video-${session}`, aReport({ session_id: session }));
      void outbox.close(session);
    }
    await world.clock.pass(10);
    expect(outbox.state).toEqual({ waiting: 3, isDraining: false, isOnline: false });

    world.network.setOnline(true);
    await world.clock.pass(1);

    expect(outbox.state).toEqual({ waiting: 0, isDraining: false, isOnline: true });
    expect(world.network.events).toHaveLength(3);
  });

  test("reports of a video watched online do not count as waiting", () => {
    const { outbox } = world.openTab();

    outbox.put("session-1", "video-1", aReport());

    expect(outbox.state.waiting).toBe(0);
  });
});

test("session counts as waiting until its newest report is stored", async () => {
  const { outbox } = await reopen();
  outbox.put("session-1", "video-1", aReport());
  outbox.defer("session-1");
  expect(outbox.state.waiting).toBe(1);
  outbox.put("session-1", "video-1", aReport({ watch_time: 50 }));
  outbox.put("session-1", "video-1", aReport({ watch_time: 51 }));

  outbox.acknowledge("session-1", aReport({ watch_time: 50 }), true);
  expect(outbox.state.waiting).toBe(1);
  await flushPromises();

  expect(outbox.state.waiting).toBe(0);
  expect(world.network.events).toMatchObject([{ watch_time: 51 }]);
  expect(world.disk.rows).toEqual([]);
});

test("pending reports are the newest of each video until it is acknowledged", async () => {
  storeAndKill("session-1", { observed_at: "2026-11-22T10:29:00.000Z", watch_time: 30 });
  storeAndKill("session-2", { observed_at: "2026-11-22T10:30:00.000Z", watch_time: 20 });
  const { outbox } = world.openTab();
  outbox.put("session-3", "video-2", aReport({ watch_time: 7 }));

  const newest = await outbox.pendingReports();

  expect([...newest].map(([videoId, report]) => [videoId, report.watch_time]).sort()).toEqual([
    ["video-1", 20],
    ["video-2", 7],
  ]);
  await outbox.drain();
  expect([...(await outbox.pendingReports()).keys()]).toEqual(["video-2"]);
});

test("reports without a disk are sent from memory", async () => {
  world.disk.isBroken = true;
  const { outbox } = await reopen();
  world.network.responses.events = [problem(503)];
  outbox.put("session-1", "video-1", aReport());
  await outbox.close("session-1");
  expect(outbox.state.waiting).toBe(1);

  await world.clock.pass(10);

  expect(world.network.events.map(({ event_id }) => event_id)).toEqual(["session-1", "session-1"]);
  expect(outbox.state.waiting).toBe(0);
});

test("session that closes during a drain is sent too", async () => {
  storeAndKill();
  let respond: (response: Response) => void = () => {};
  world.network.responses.events = [new Promise((resolve) => (respond = resolve))];
  const { outbox } = await reopen();

  outbox.put("session-2", "video-2", aReport({ session_id: "session-2" }));
  const closed = outbox.close("session-2");
  respond(json({ results: [{ status: "applied" }] }));
  await closed;

  expect(world.network.events.map(({ video_id }) => video_id)).toEqual(["video-1", "video-2"]);
});

test("drain of an empty outbox calls no listener", async () => {
  const { outbox } = await reopen();
  let notifications = 0;
  outbox.subscribe(() => (notifications += 1));

  await outbox.drain();

  expect(notifications).toBe(0);
});

describe("after the data of the learner was erased", () => {
  const erased = { status: "rejected", code: "erased", detail: "Erased.", retry: false };

  test("a late upload is dropped once, and the copies of stored places with it", async () => {
    const { outbox } = await reopen();
    outbox.put("session-0", "video-0", aReport({ session_id: "session-0" }));
    outbox.acknowledge("session-0", aReport({ session_id: "session-0" }), true);
    storeAndKill("session-1");
    world.network.responses.events = [json({ results: [{ event_id: "session-1", ...erased }] })];

    await outbox.drain();
    await flushPromises();

    expect(world.rejected).toMatchObject([{ videoId: "video-1", code: "erased", retry: false }]);
    expect(world.disk).toMatchObject({ rows: [], copies: [] });
    expect(await outbox.pendingReports(true)).toEqual(new Map());
    await outbox.drain();
    expect(world.network.to("/events")).toHaveLength(1);
  });

  test("a newer report of the same batch stays, and is acknowledged", async () => {
    storeAndKill("session-1");
    storeAndKill("session-2", { observed_at: "2026-11-22T11:00:00.000Z" });
    const applied = { event_id: "session-2", status: "applied" };
    world.network.responses.events = [
      json({ results: [{ event_id: "session-1", ...erased }, applied] }),
    ];

    await reopen();

    expect(world.rejected).toHaveLength(1);
    expect(world.disk.rows).toEqual([]);
  });

  test("clearing deletes what this page and others have stored, of this account only", async () => {
    world.openTab("ben").outbox.put("session-9", "video-1", aReport());
    storeAndKill("session-1");
    const { outbox } = world.openTab();
    outbox.put("session-2", "video-2", aReport({ session_id: "session-2" }));
    outbox.defer("session-2");
    expect(outbox.state.waiting).toBe(1);

    await outbox.clear();

    expect(world.disk.rows.map(({ accountId }) => accountId)).toEqual(["ben"]);
    expect(outbox.state.waiting).toBe(0);
    await outbox.drain();
    expect(world.network.events).toEqual([]);
  });
});
