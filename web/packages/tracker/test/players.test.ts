/** Players that load, seek and replace their elements in unusual ways. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Tracker, trackProgress } from "../src/tracker";
import { aTracker, FakeClock, FakeService, flushPromises } from "./fakes";
import { World } from "./world";

describe("a player that drops the first seek", () => {
  test("is sought again when it plays, and reports nothing before", async () => {
    const { player, service, attach } = aTracker({ resumeAtSeconds: 125.5 });
    player.dropsSeeks = true;
    attach();
    player.state.isPlaying = true;
    player.signal("play");
    player.dropsSeeks = false;

    player.signal("loadedmetadata");
    expect(player.state.positionSeconds).toBe(125.5);
    player.land();
    await player.play(10);

    expect(service.reports.map((report) => report.watch_time)).toEqual([135.5]);
  });

  test("is sought until it stays in its place", async () => {
    const { player, service, attach } = aTracker({ resumeAtSeconds: 125.5 });
    player.dropsSeeks = true;
    attach();
    await player.play(5);
    expect(service.reports).toEqual([]);

    player.dropsSeeks = false;
    player.signal("timeupdate");
    player.land();
    await player.play(10);

    expect(service.reports.map((report) => report.watch_time)).toEqual([135.5]);
  });
});

describe("a player that goes to 0 by itself while it loads", () => {
  test.each([0, 0.25, 0.75])("%d s after the seek has landed is sought again", async (seconds) => {
    const { clock, player, service, attach } = aTracker({ resumeAtSeconds: 125.5 });
    attach();
    player.land();
    await clock.pass(seconds);

    player.drag(0);
    expect(player.soughtTo).toEqual([125.5, 125.5]);
    player.land();
    await player.play(10);

    expect(service.reports.map((report) => report.watch_time)).toEqual([135.5]);
  });

  test("before the seek has landed is sought again", async () => {
    const { player, service, attach } = aTracker({ resumeAtSeconds: 125.5 });
    attach();

    player.drag(0);
    player.land();
    await player.play(10);

    expect(player.soughtTo).toEqual([125.5, 125.5]);
    expect(service.reports.map((report) => report.watch_time)).toEqual([135.5]);
  });

  test("is not sought again when the learner seeks elsewhere", async () => {
    const { clock, player, service, attach } = aTracker({ resumeAtSeconds: 125.5 });
    attach();

    player.drag(60);
    await clock.pass(2);

    expect(player.soughtTo).toEqual([125.5]);
    expect(service.last).toMatchObject({ kind: "seek", watch_time: 60 });
  });

  test("is not sought again when the learner restarts with a button of the page", async () => {
    const { clock, player, service, attach } = aTracker({ resumeAtSeconds: 125.5 });
    const tracker = attach();
    player.land();

    tracker.seekTo(0);
    player.signal("seeking");
    player.land();
    await clock.pass(2);

    expect(service.last).toMatchObject({ kind: "restart", watch_time: 0 });
  });
});

test("place beyond the end of a shortened file is not sought", async () => {
  const { player, service, attach } = aTracker({ resumeAtSeconds: 700 });
  attach();

  await player.play(10);

  expect(player.soughtTo).toEqual([]);
  expect(service.last).toMatchObject({ watch_time: 10 });
});

describe("media without a length", () => {
  test("is reported with the length of the catalogue", async () => {
    const { player, service, attach } = aTracker({ expectedDurationSeconds: 90 });
    player.state.durationSeconds = 0;
    const tracker = attach();

    await player.play(12);
    await player.pause();

    expect(service.last).toMatchObject({ watch_time: 12, total_duration: 90, played: [[0, 12]] });
    expect(tracker.view).toMatchObject({ durationSeconds: 90, remainingSeconds: 78 });
  });

  test("in the catalogue either never counts as nearly done", async () => {
    const { player, service, attach } = aTracker({ resumeAtSeconds: 30 });
    player.state.durationSeconds = 0;
    const tracker = attach();
    player.land();

    await player.play(12);
    await player.pause();

    expect(service.last).toMatchObject({ watch_time: 42, total_duration: 86_400 });
    expect(tracker.view).toMatchObject({ durationSeconds: 0, percent: 0 });
  });

  test("is done at its end", async () => {
    const { player, service, attach } = aTracker();
    player.state.durationSeconds = 0;
    attach();
    await player.play(12);

    player.state = { ...player.state, durationSeconds: 12, isPlaying: false };
    player.signal("loadedmetadata");
    player.signal("ended");
    await flushPromises();

    expect(service.last).toMatchObject({ kind: "ended", watch_time: 12, total_duration: 12 });
  });
});

describe("a player that replaces its element", () => {
  let clock: FakeClock;
  let service: FakeService;
  let tracker: Tracker | undefined;

  beforeEach(() => {
    clock = new FakeClock();
    service = new FakeService(clock);
  });

  afterEach(async () => {
    await tracker?.detach();
    document.body.replaceChildren();
  });

  function track(video: HTMLMediaElement): void {
    const ids = { videoId: "video-1", deviceId: "laptop" };
    tracker = trackProgress(video, { ...ids, clock, transport: service, resumeAtSeconds: 30 });
  }

  function aVideo(): HTMLVideoElement {
    const video = document.createElement("video");
    const loaded = { duration: 600, readyState: 4, paused: false, ended: false, seeking: false };
    for (const [name, value] of Object.entries(loaded)) {
      Object.defineProperty(video, name, { value, configurable: true });
    }
    return video;
  }

  async function play(video: HTMLVideoElement, seconds: number): Promise<void> {
    video.dispatchEvent(new Event("seeked"));
    for (let passed = 0; passed < seconds; passed += 0.25) {
      await clock.pass(0.25);
      video.currentTime += 0.25;
      video.dispatchEvent(new Event("timeupdate"));
    }
    await flushPromises();
  }

  /** Observers of the document run in a task of their own. */
  const observed = () => new Promise((resolve) => setTimeout(resolve));

  /** The elements around the video, as Plyr builds them. */
  function boxed(video: HTMLVideoElement) {
    const box = document.createElement("div");
    const wrapper = document.createElement("div");
    document.body.append(box);
    box.append(wrapper);
    wrapper.append(video);
    return { box, wrapper };
  }

  test("continues from the same place with the new element", async () => {
    const [first, second] = [aVideo(), aVideo()];
    const { box, wrapper } = boxed(first);
    track(first);
    await play(first, 5);

    wrapper.remove();
    first.remove();
    box.append(second);
    await observed();
    expect(second.currentTime).toBe(35);
    await play(second, 15);

    expect(service.last).toMatchObject({ watch_time: 50, played: [[30, 50]] });
  });

  test("continues when the new element comes later", async () => {
    const [first, second] = [aVideo(), aVideo()];
    const { box, wrapper } = boxed(first);
    track(first);

    wrapper.remove();
    await observed();
    box.append(second);
    await observed();

    expect(second.currentTime).toBe(30);
  });

  test("does not affect other videos of the page", async () => {
    const [first, others] = [aVideo(), [aVideo(), aVideo()]];
    const { box } = boxed(first);
    track(first);

    box.remove();
    document.body.append(...others);
    await observed();

    expect(others.map((video) => video.currentTime)).toEqual([0, 0]);
  });

  test("is not followed after detach", async () => {
    const [first, second] = [aVideo(), aVideo()];
    const { box, wrapper } = boxed(first);
    track(first);
    await tracker?.detach();

    wrapper.remove();
    box.append(second);
    await observed();

    expect(second.currentTime).toBe(0);
  });
});

describe("a seek", () => {
  let world: World;
  let tab: ReturnType<World["openTab"]>;

  beforeEach(async () => {
    world = new World();
    tab = world.openTab();
    tab.watch();
    await tab.player.play(4);
  });

  const stored = () => world.disk.rows.map(({ report }) => report.watch_time);

  test("that waits for the network is stored at once, and reported before it lands", async () => {
    tab.player.startSeek(64);
    expect(stored()).toContain(64);

    await world.clock.pass(2);

    const [sent] = world.network.to("/watch-time");
    expect(sent?.body).toMatchObject({ kind: "seek", watch_time: 64, played: [[0, 4]] });
  });

  test("that waits when the page is killed is where the next page resumes", async () => {
    tab.player.startSeek(64);
    tab.kill();
    world.network.setOnline(false);

    expect(await world.openTab().client.resume("video-1")).toMatchObject({ resume_at: 64 });
  });

  test("to a place where the media cannot be read is withdrawn", async () => {
    tab.player.startSeek(64);

    tab.player.signal("error");
    expect(stored()).not.toContain(64);
    await world.clock.pass(2);

    const places = world.network.to("/watch-time").map(({ body }) => body.watch_time);
    expect(places).toEqual([4]);
  });

  test("that ends elsewhere is reported with that place", async () => {
    tab.player.startSeek(64);

    tab.player.state.positionSeconds = 4.5;
    tab.player.land();
    await world.clock.pass(2);

    const places = world.network.to("/watch-time").map(({ body }) => body.watch_time);
    expect(places).toEqual([4.5]);
  });

  test("during another one replaces it", async () => {
    tab.player.startSeek(64);
    tab.player.drag(10);
    await world.clock.pass(2);

    const places = world.network.to("/watch-time").map(({ body }) => body.watch_time);
    expect(places).toEqual([10]);
  });
});

describe("the local copy", () => {
  const storedIn = ({ disk }: World) =>
    Math.max(0, ...[...disk.rows, ...disk.copies].map(({ report }) => report.watch_time));

  test.each([0.5, 1, 1.5, 2, 4])("is at most 1 s of media old at %d ×", async (rate) => {
    const world = new World();
    const { player, watch } = world.openTab();
    player.state.rate = rate;
    watch();
    await player.play(3);
    for (let turn = 0; turn < 16; turn += 1) {
      await player.play(0.25);
      expect(player.state.positionSeconds - storedIn(world)).toBeLessThanOrEqual(1);
    }
  });

  test("is at most 1 s of media old at 16 ×, where browser events are too rare", async () => {
    const world = new World();
    const { player, watch } = world.openTab();
    player.state = { ...player.state, rate: 16, isPlaying: true };
    watch();
    let worst = 0;
    for (let turn = 0; turn < 400; turn += 1) {
      await world.clock.pass(0.01);
      player.state.positionSeconds += 0.16;
      worst = Math.max(worst, player.state.positionSeconds - storedIn(world));
    }
    expect(worst).toBeLessThanOrEqual(1);
  });
});
