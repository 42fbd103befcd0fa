import { beforeEach, describe, expect, test } from "vitest";
import { settle } from "./fakes";
import { aReport, aToken, json, page, World } from "./world";

let world: World;

beforeEach(() => {
  world = new World();
});

const problem = (status: number, headers: Record<string, string> = {}) =>
  json({ code: "no", detail: "No." }, status, headers);

/** From now on the service counts events: so many at once, then so many a second. */
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

/** A page kept a report and is gone without a word. */
function leftBehind(session = "session-1", changed: Parameters<typeof aReport>[0] = {}) {
  const tab = world.openTab();
  tab.outbox.keep(session, "video-1", aReport({ session_id: session, ...changed }));
  tab.kill();
}

async function openAnew() {
  const tab = world.openTab();
  tab.outbox.start();
  await settle();
  return tab;
}

describe("a report taken in", () => {
  test("is on disk before anything is sent", async () => {
    const { outbox } = world.openTab();

    outbox.keep("session-1", "video-1", aReport());

    expect(world.disk.rows).toMatchObject([
      { accountId: "ana", id: "session-1", videoId: "video-1", report: { watch_time: 40 } },
    ]);
    expect(world.network.requests).toEqual([]);
  });

  test("takes the place of its session's last one", () => {
    const { outbox } = world.openTab();

    for (const watch_time of [40, 41, 42]) {
      outbox.keep("session-1", "video-1", aReport({ watch_time }));
    }
    outbox.keep("session-2", "video-2", aReport({ watch_time: 7 }));

    expect(world.disk.rows.map((kept) => kept.report.watch_time)).toEqual([42, 7]);
  });

  test("leaves the disk when the service has answered for it", () => {
    const { outbox } = world.openTab();
    outbox.keep("session-1", "video-1", aReport());

    outbox.settle("session-1", aReport(), true);

    expect(world.disk.rows).toEqual([]);
  });

  test("stays when the answer was for an older one", () => {
    const { outbox } = world.openTab();
    outbox.keep("session-1", "video-1", aReport());
    outbox.keep("session-1", "video-1", aReport({ watch_time: 41 }));

    outbox.settle("session-1", aReport(), true);

    expect(world.disk.rows).toMatchObject([{ report: { watch_time: 41 } }]);
  });

  test("having been further on goes out as soon as the step back is stored", async () => {
    const { outbox } = world.openTab();
    outbox.keep("session-1", "video-1", aReport({ watch_time: 41.2 }));
    // Some browsers step back a little when they pause.
    outbox.keep("session-1", "video-1", aReport({ watch_time: 41.1, kind: "pause" }));

    outbox.settle("session-1", aReport({ watch_time: 41.1, kind: "pause" }), true);
    await world.clock.pass(1);

    expect(world.disk.rows).toEqual([]);
  });

  test("having been further on is kept beside a step back, since it may complete the video", () => {
    const { outbox } = world.openTab();
    outbox.keep("session-1", "video-1", aReport({ watch_time: 500 }));

    outbox.keep("session-1", "video-1", aReport({ watch_time: 20, kind: "seek" }));

    expect(world.disk.rows.map((kept) => kept.report.watch_time).sort()).toEqual([20, 500]);
  });

  test("a place the playhead was only dragged over is not", () => {
    const { outbox } = world.openTab();
    outbox.keep("session-1", "video-1", aReport({ watch_time: 500, kind: "seek" }));

    outbox.keep("session-1", "video-1", aReport({ watch_time: 20, kind: "seek" }));

    expect(world.disk.rows.map((kept) => kept.report.watch_time)).toEqual([20]);
  });
});

describe("what a page left behind", () => {
  test("is handed in by the next one, with the clock of this very attempt", async () => {
    leftBehind();
    await world.clock.pass(3600);

    await openAnew();

    expect(world.network.to("/events").map(({ body }) => body)).toEqual([
      {
        sent_at: "2026-11-22T11:30:00.000Z",
        events: [{ event_id: "session-1", video_id: "video-1", ...aReport() }],
      },
    ]);
    expect(world.disk.rows).toEqual([]);
  });

  test("a repeated attempt says its own time", async () => {
    leftBehind();
    world.network.answers.events = [problem(503)];
    await openAnew();

    await world.clock.pass(60);

    const times = world.network.to("/events").map(({ body }) => body.sent_at);
    expect(times).toEqual(["2026-11-22T10:30:00.000Z", "2026-11-22T10:30:02.000Z"]);
  });

  test("is left to a page that still lives", async () => {
    const living = world.openTab();
    living.outbox.keep("session-1", "video-1", aReport());

    await openAnew();

    expect(world.network.requests).toEqual([]);
  });

  test("where nobody can tell which pages live, it is handed in at once", async () => {
    world.locks.isMissing = true;
    leftBehind();

    await openAnew();

    expect(world.network.events).toHaveLength(1);
  });

  test("is handed in once, though two pages open at the same moment", async () => {
    leftBehind();

    await Promise.all([openAnew(), openAnew()]);
    await world.clock.pass(60);

    expect(world.network.events).toHaveLength(1);
  });

  test("goes in batches of at most 100 events", async () => {
    for (let at = 0; at < 1001; at += 1) leftBehind(`session-${at}`);

    await openAnew();
    await world.clock.pass(1);

    const sizes = world.network.to("/events").map(({ body }) => body.events.length);
    expect(sizes).toEqual([...Array(10).fill(100), 1]);
    expect(world.disk.rows).toEqual([]);
  });

  test("goes in bodies of less than a mebibyte", async () => {
    const played = Array.from(
      { length: 200 },
      (_, at) => [at * 3 + 0.123, at * 3 + 1.456] as const,
    );
    for (let at = 0; at < 500; at += 1) leftBehind(`session-${at}`, { played });

    await openAnew();
    await world.clock.pass(1);

    const bodies = world.network.to("/events").map(({ body }) => JSON.stringify(body).length);
    expect(bodies.length).toBeGreaterThan(1);
    expect(Math.max(...bodies)).toBeLessThan(1_048_576);
    expect(world.network.events).toHaveLength(500);
  });
});

describe("it stays until the service has answered for it", () => {
  test.each([
    ["a token that is not accepted", () => problem(401)],
    ["too many requests", () => problem(429, { "Retry-After": "7" })],
    ["a broken service", () => problem(500)],
    ["a busy one", () => problem(503, { "Retry-After": "7" })],
    ["a request refused as a whole", () => problem(422)],
    ["a page of some hotel's network", page],
    ["no answer at all", () => new TypeError("Failed to fetch")],
  ])("after %s", async (_what, answer) => {
    leftBehind();
    world.network.answers.events = [answer()];

    const { outbox } = await openAnew();

    expect(world.disk.rows).toHaveLength(1);
    expect(outbox.state.waiting).toBe(1);

    await world.clock.pass(60);

    expect(world.disk.rows).toEqual([]);
    expect(outbox.state.waiting).toBe(0);
  });

  test("Retry-After is honoured", async () => {
    leftBehind();
    world.network.answers.events = [problem(429, { "Retry-After": "30" })];
    await openAnew();

    await world.clock.pass(29);
    expect(world.network.to("/events")).toHaveLength(1);
    await world.clock.pass(2);

    expect(world.network.to("/events")).toHaveLength(2);
  });

  test("Retry-After is honoured whatever asks for another attempt", async () => {
    leftBehind();
    world.network.answers.events = [problem(429, { "Retry-After": "60" })];
    const { link, outbox } = await openAnew();

    for (let passed = 0; passed < 55; passed += 5) {
      await world.clock.pass(5);
      // As when the page is looked at again, a live report is accepted, and a video is opened.
      world.network.setOnline(true);
      outbox.keep("session-2", "video-2", aReport({ session_id: "session-2" }));
      outbox.settle("session-2", aReport({ session_id: "session-2" }), true);
      await link.resume("video-2");
    }
    expect(world.network.to("/events")).toHaveLength(1);
    expect(outbox.state).toMatchObject({ waiting: 1, isDraining: false });
    await world.clock.pass(6);

    expect(world.network.to("/events")).toHaveLength(2);
    expect(outbox.state.waiting).toBe(0);
  });

  test("a session that ends before the service wants to hear of it waits too", async () => {
    leftBehind();
    world.network.answers.events = [problem(429, { "Retry-After": "60" })];
    const { outbox } = await openAnew();

    outbox.keep("session-2", "video-2", aReport({ session_id: "session-2" }));
    await outbox.release("session-2");

    expect(world.network.to("/events")).toHaveLength(1);
    expect(outbox.state.waiting).toBe(2);
  });

  test("a page that goes away tries once all the same", async () => {
    leftBehind();
    world.network.answers.events = [problem(429, { "Retry-After": "60" })];
    const { outbox } = await openAnew();
    outbox.keep("session-2", "video-2", aReport({ session_id: "session-2" }));

    outbox.leave("session-2", true);
    await settle();

    expect(world.network.to("/events").map(({ keepalive }) => keepalive)).toEqual([false, true]);
  });

  test("an outbox larger than the limit is handed in completely, each event once", async () => {
    for (let at = 0; at < 3_000; at += 1) leftBehind(`session-${at}`);
    const limit = limitEvents({ burst: 2_000, perSecond: 20 });

    const { outbox } = await openAnew();
    await world.clock.pass(1);
    expect(world.network.events).toHaveLength(2_000);
    expect(outbox.state).toMatchObject({ waiting: 1_000, isDraining: false });
    await world.clock.pass(60);

    const ids = world.network.events.map(({ event_id }) => event_id);
    expect([ids.length, new Set(ids).size]).toEqual([3_000, 3_000]);
    expect(Math.max(...limit.sizes)).toBe(100);
    // One for each batch that had to wait: nothing is tried before its time.
    expect(limit.rejectedCalls).toBe(10);
    expect(outbox.state).toMatchObject({ waiting: 0, isDraining: false });
    expect(world.disk.rows).toEqual([]);
  });

  test("failures are repeated ever more rarely", async () => {
    leftBehind();
    world.network.answers.events = Array.from({ length: 100 }, () => problem(500));
    await openAnew();

    await world.clock.pass(600);

    expect(world.network.to("/events").length).toBeLessThan(16);
  });

  test("one rejected event is told and gone, and blocks no other", async () => {
    leftBehind("session-1");
    leftBehind("session-2");
    world.network.answers.events = [
      json({
        results: [
          { status: "rejected", code: "duration_mismatch", detail: "600 is not 700." },
          { status: "applied" },
        ],
      }),
    ];

    await openAnew();

    expect(world.disk.rows).toEqual([]);
    expect(world.rejected).toMatchObject([
      { videoId: "video-1", code: "duration_mismatch", report: { watch_time: 40 } },
    ]);
  });

  test("a crash between the answer and the disk sends the same again, word for word", async () => {
    leftBehind();
    const [row] = world.disk.rows;
    await openAnew();
    if (row) world.disk.rows = [row];

    await openAnew();

    const [first, second] = world.network.to("/events");
    expect(second?.body.events).toEqual(first?.body.events);
  });

  test("it is sent with the token that is fresh then", async () => {
    leftBehind();
    world.network.answers.events = [problem(401)];
    world.freshToken = aToken("ana", 5_000_000_000);

    await openAnew();
    await world.clock.pass(1);

    const [stale, fresh] = world.network.to("/events").map(({ bearer }) => bearer);
    expect(fresh).toBe(world.freshToken);
    expect(stale).not.toBe(fresh);
    expect(world.renewals).toBe(1);
  });
});

describe("two accounts on one browser", () => {
  test("the second one's page leaves the first one's reports alone", async () => {
    leftBehind();
    world.token = aToken("ben");

    const tab = world.openTab("ben");
    tab.outbox.start();
    await world.clock.pass(120);

    expect(world.network.events).toEqual([]);
    expect(tab.outbox.state.waiting).toBe(0);
    expect(world.disk.rows).toMatchObject([{ accountId: "ana" }]);
  });

  test("a page of the first one never uses the token of the second", async () => {
    leftBehind();
    world.token = aToken("ben");

    await openAnew();
    await world.clock.pass(120);

    expect(world.network.requests).toEqual([]);
    expect(world.disk.rows).toHaveLength(1);
  });

  test("the first one's leave when it is back", async () => {
    leftBehind();
    world.token = aToken("ben");
    world.openTab("ben").outbox.start();
    await settle();

    world.token = aToken("ana");
    await openAnew();

    expect(world.network.events).toHaveLength(1);
  });
});

describe("without network", () => {
  test("reports count as waiting, and are handed in as soon as it is back", async () => {
    const { outbox } = await openAnew();
    world.network.setOnline(false);
    for (const session of ["one", "two", "three"]) {
      outbox.keep(session, `video-${session}`, aReport({ session_id: session }));
      void outbox.release(session);
    }
    await world.clock.pass(10);
    expect(outbox.state).toEqual({ waiting: 3, isDraining: false, isOnline: false });

    world.network.setOnline(true);
    await world.clock.pass(1);

    expect(outbox.state).toEqual({ waiting: 0, isDraining: false, isOnline: true });
    expect(world.network.events).toHaveLength(3);
  });

  test("what is being watched online does not count as waiting", () => {
    const { outbox } = world.openTab();

    outbox.keep("session-1", "video-1", aReport());

    expect(outbox.state.waiting).toBe(0);
  });
});

test("a session whose newer report was stored does not count as waiting", async () => {
  const { outbox } = await openAnew();
  outbox.keep("session-1", "video-1", aReport());
  outbox.delayed("session-1");
  expect(outbox.state.waiting).toBe(1);
  outbox.keep("session-1", "video-1", aReport({ watch_time: 50 }));
  outbox.keep("session-1", "video-1", aReport({ watch_time: 51 }));

  outbox.settle("session-1", aReport({ watch_time: 50 }), true);

  expect(outbox.state.waiting).toBe(0);
  expect(world.disk.rows).toMatchObject([{ report: { watch_time: 51 } }]);
});

test("the newest report of each video is known until it is answered for", async () => {
  leftBehind("session-1", { observed_at: "2026-11-22T10:29:00.000Z", watch_time: 30 });
  leftBehind("session-2", { observed_at: "2026-11-22T10:30:00.000Z", watch_time: 20 });
  const { outbox } = world.openTab();
  outbox.keep("session-3", "video-2", aReport({ watch_time: 7 }));

  const newest = await outbox.newest();

  expect([...newest].map(([videoId, report]) => [videoId, report.watch_time]).sort()).toEqual([
    ["video-1", 20],
    ["video-2", 7],
  ]);
  await outbox.drain();
  expect([...(await outbox.newest()).keys()]).toEqual(["video-2"]);
});

test("without a disk, reports are kept in memory and handed in", async () => {
  world.disk.isBroken = true;
  const { outbox } = await openAnew();
  world.network.answers.events = [problem(503)];
  outbox.keep("session-1", "video-1", aReport());
  await outbox.release("session-1");
  expect(outbox.state.waiting).toBe(1);

  await world.clock.pass(10);

  expect(world.network.events.map(({ event_id }) => event_id)).toEqual(["session-1", "session-1"]);
  expect(outbox.state.waiting).toBe(0);
});

test("a session that ends while others are handed in is handed in too", async () => {
  leftBehind();
  let answer: (response: Response) => void = () => {};
  world.network.answers.events = [new Promise((resolve) => (answer = resolve))];
  const { outbox } = await openAnew();

  outbox.keep("session-2", "video-2", aReport({ session_id: "session-2" }));
  const released = outbox.release("session-2");
  answer(json({ results: [{ status: "applied" }] }));
  await released;

  expect(world.network.events.map(({ video_id }) => video_id)).toEqual(["video-1", "video-2"]);
});

test("looking for reports and finding none is no news", async () => {
  const { outbox } = await openAnew();
  let told = 0;
  outbox.subscribe(() => (told += 1));

  await outbox.drain();

  expect(told).toBe(0);
});
