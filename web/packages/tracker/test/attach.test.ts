import { beforeEach, describe, expect, test } from "vitest";
import { type Attachment, attach } from "../src/attach";
import { flushPromises } from "./fakes";
import { json, World } from "./world";

let world: World;
let video: HTMLVideoElement;

beforeEach(() => {
  world = new World();
  video = document.createElement("video");
});

const never = () => new Promise<Response>(() => {});

function attached(): Attachment {
  return attach(video, world.openTab().client, { videoId: "intro" });
}

/** Change the state of the element and fire an event. */
async function fire(event: string, state: Record<string, unknown> = {}): Promise<void> {
  for (const [name, value] of Object.entries(state)) {
    Object.defineProperty(video, name, { value, configurable: true, writable: true });
  }
  video.dispatchEvent(new Event(event));
  await flushPromises();
}

const load = () =>
  fire("loadedmetadata", {
    duration: 600,
    readyState: 4,
    paused: true,
    ended: false,
    seeking: false,
  });

/** With a `timeupdate` four times a second, as in browsers. */
async function play(seconds: number): Promise<void> {
  await fire("playing", { paused: false });
  for (let passed = 0; passed < seconds; passed += 0.25) {
    await world.clock.pass(0.25);
    await fire("timeupdate", { currentTime: video.currentTime + 0.25 });
  }
}

const reports = () => world.network.to("/intro/watch-time").map(({ body }) => body);

describe("before the response of the service", () => {
  test("a playing video stores nothing, and is sought to the place of the response", async () => {
    let respond: (response: Response) => void = () => {};
    world.network.responses.resume = [new Promise((resolve) => (respond = resolve))];
    attached();
    await load();
    await play(6);
    expect(world.disk.rows).toEqual([]);

    respond(json({ resume_at: 400, watch_time: 400 }));
    await flushPromises();
    expect(video.currentTime).toBe(400);
    await fire("seeked");
    await play(10);

    expect(reports()).toMatchObject([{ watch_time: 410 }]);
  });

  test("a learner who seeks is not moved by the response", async () => {
    let respond: (response: Response) => void = () => {};
    world.network.responses.resume = [new Promise((resolve) => (respond = resolve))];
    attached();
    await load();
    await fire("seeking", { currentTime: 200, seeking: true });
    await fire("seeked", { seeking: false });

    respond(json({ resume_at: 400, watch_time: 400 }));
    await flushPromises();
    await fire("seeking", { seeking: true });
    await fire("seeked", { seeking: false });
    await play(10);

    expect(video.currentTime).toBe(210);
    expect(reports()).toMatchObject([{ kind: "seek", watch_time: 200.25 }]);
  });
});

test("a video without a service resumes from this browser's copy", async () => {
  world.disk.rows = [aRow(300)];
  world.network.responses.events = Array.from({ length: 9 }, () => new Error("connection refused"));
  world.network.responses.resume = [new Error("connection refused")];
  attached();
  await load();

  expect(video.currentTime).toBe(300);
});

test("a video whose service never responds resumes from this browser's copy", async () => {
  world.disk.rows = [aRow(300)];
  world.network.responses.events = [never()];
  world.network.responses.resume = [never()];
  attached();
  await load();
  await world.clock.pass(1);

  expect(video.currentTime).toBe(300);
});

test("a late response moves the video only to a different place", async () => {
  for (const [watch_time, expected] of [
    [295, 302],
    [450, 450],
  ] as const) {
    world = new World();
    video = document.createElement("video");
    world.disk.rows = [aRow(300)];
    let respond: (response: Response) => void = () => {};
    world.network.responses.resume = [new Promise((resolve) => (respond = resolve))];
    world.network.responses.events = [never()];
    world.network.responses.status = [json({ last_watched: "2026-11-22T10:30:00Z" })];
    attached();
    await load();
    await world.clock.pass(1);
    await fire("seeked");
    await play(2);
    await world.clock.pass(2);

    respond(json({ resume_at: watch_time, watch_time }));
    await flushPromises();

    expect(video.currentTime).toBe(expected);
  }
});

test("an unknown video is tracked from its current position", async () => {
  world.network.responses.resume = [json({ code: "video_not_found" }, 404)];
  const { place } = attached();
  await load();
  await play(10);

  expect(await place).toBeNull();
  expect(reports()).toMatchObject([{ watch_time: 10 }]);
});

test("detaching sends what was played", async () => {
  world.network.responses.resume = [json({ resume_at: 120, watch_time: 120 })];
  const { detach } = attached();
  await load();
  await fire("seeked");
  await play(4);
  await detach();
  await flushPromises();

  expect(world.network.events).toMatchObject([{ kind: "flush", watch_time: 124 }]);
});

/** An entry of a closed page. */
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
