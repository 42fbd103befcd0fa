import { beforeEach, describe, expect, test } from "vitest";
import { type Attachment, attach } from "../src/attach";
import { settle } from "./fakes";
import { json, World } from "./world";

let world: World;
let video: HTMLVideoElement;

beforeEach(() => {
  world = new World();
  video = document.createElement("video");
});

const never = () => new Promise<Response>(() => {});

function attached(): Attachment {
  return attach(video, world.openTab().link, { videoId: "intro" });
}

/** The element says something about itself. */
async function say(event: string, state: Record<string, unknown> = {}): Promise<void> {
  for (const [name, value] of Object.entries(state)) {
    Object.defineProperty(video, name, { value, configurable: true, writable: true });
  }
  video.dispatchEvent(new Event(event));
  await settle();
}

const load = () =>
  say("loadedmetadata", {
    duration: 600,
    readyState: 4,
    paused: true,
    ended: false,
    seeking: false,
  });

/** Four looks a second, as browsers give them. */
async function play(seconds: number): Promise<void> {
  await say("playing", { paused: false });
  for (let passed = 0; passed < seconds; passed += 0.25) {
    await world.clock.pass(0.25);
    await say("timeupdate", { currentTime: video.currentTime + 0.25 });
  }
}

const reports = () => world.network.to("/intro/watch-time").map(({ body }) => body);

describe("while the service is asked", () => {
  test("a video that plays before the answer goes to the place, and nothing is kept before", async () => {
    let answer: (response: Response) => void = () => {};
    world.network.answers.resume = [new Promise((resolve) => (answer = resolve))];
    attached();
    await load();
    await play(6);
    expect(world.disk.rows).toEqual([]);

    answer(json({ resume_at: 400, watch_time: 400 }));
    await settle();
    expect(video.currentTime).toBe(400);
    await say("seeked");
    await play(10);

    expect(reports()).toMatchObject([{ watch_time: 410 }]);
  });

  test("a learner who seeks meanwhile is not moved", async () => {
    let answer: (response: Response) => void = () => {};
    world.network.answers.resume = [new Promise((resolve) => (answer = resolve))];
    attached();
    await load();
    await say("seeking", { currentTime: 200, seeking: true });
    await say("seeked", { seeking: false });

    answer(json({ resume_at: 400, watch_time: 400 }));
    await settle();
    await say("seeking", { seeking: true });
    await say("seeked", { seeking: false });
    await play(10);

    expect(video.currentTime).toBe(210);
    expect(reports()).toMatchObject([{ kind: "seek", watch_time: 200.25 }]);
  });
});

test("with no service the video goes on from this browser's copy", async () => {
  world.disk.rows = [aRow(300)];
  world.network.answers.events = Array.from({ length: 9 }, () => new Error("refused"));
  world.network.answers.resume = [new Error("refused")];
  attached();
  await load();

  expect(video.currentTime).toBe(300);
});

test("with a service that never answers the video goes on from this browser's copy", async () => {
  world.disk.rows = [aRow(300)];
  world.network.answers.events = [never()];
  world.network.answers.resume = [never()];
  attached();
  await load();
  await world.clock.pass(1);

  expect(video.currentTime).toBe(300);
});

test("a late answer moves the video only to another place", async () => {
  for (const [watch_time, expected] of [
    [295, 302],
    [450, 450],
  ] as const) {
    world = new World();
    video = document.createElement("video");
    world.disk.rows = [aRow(300)];
    let answer: (response: Response) => void = () => {};
    world.network.answers.resume = [new Promise((resolve) => (answer = resolve))];
    world.network.answers.events = [never()];
    world.network.answers.status = [json({ last_watched: "2026-11-22T10:30:00Z" })];
    attached();
    await load();
    await world.clock.pass(1);
    await say("seeked");
    await play(2);
    await world.clock.pass(2);

    answer(json({ resume_at: watch_time, watch_time }));
    await settle();

    expect(video.currentTime).toBe(expected);
  }
});

test("an unknown video is tracked from where it is", async () => {
  world.network.answers.resume = [json({ code: "video_not_found" }, 404)];
  const { place } = attached();
  await load();
  await play(10);

  expect(await place).toBeNull();
  expect(reports()).toMatchObject([{ watch_time: 10 }]);
});

test("what was played is handed in when the player goes away", async () => {
  world.network.answers.resume = [json({ resume_at: 120, watch_time: 120 })];
  const { detach } = attached();
  await load();
  await say("seeked");
  await play(4);
  await detach();
  await settle();

  expect(world.network.events).toMatchObject([{ kind: "flush", watch_time: 124 }]);
});

/** What a closed page of this browser left behind. */
function aRow(watch_time: number) {
  const report = {
    watch_time,
    total_duration: 600,
    observed_at: "2026-11-22T10:00:00.000Z",
    kind: "heartbeat",
    device_id: "laptop",
    session_id: "closed",
    played: [],
    played_seconds: 0,
  } as never;
  const keys = { accountId: "ana", id: "closed", sessionId: "closed", videoId: "intro" };
  return { ...keys, report };
}
