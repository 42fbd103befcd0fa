import { describe, expect, test, vi } from "vitest";
import { MIN_GAP_SECONDS } from "../src/reporter";
import { aTracker, flushPromises } from "./fakes";

describe("while playing", () => {
  test("a report is sent every ten seconds", async () => {
    const { player, service, attach } = aTracker();
    attach();

    await player.play(35);

    expect(service.reports.map((report) => report.watch_time)).toEqual([10, 20, 30]);
    expect(service.reports.map((report) => report.kind)).toEqual(Array(3).fill("heartbeat"));
  });

  test("a report is sent every ten seconds of the video at double speed", async () => {
    const { player, service, attach } = aTracker();
    player.state.rate = 2;
    attach();

    await player.play(25);

    expect(service.reports.map((report) => report.watch_time)).toEqual([10, 20, 30, 40, 50]);
  });

  test("a stalled player reports nothing", async () => {
    const { clock, player, service, attach } = aTracker();
    attach();
    await player.play(1);

    for (let turn = 0; turn < 60; turn += 1) {
      await clock.pass(1);
      player.signal("timeupdate");
    }

    expect(service.reports.length).toBeLessThanOrEqual(1);
  });

  test("a report has device, session, spans and seconds played with repeats", async () => {
    const { player, service, attach } = aTracker();
    const tracker = attach();
    await player.play(10);

    player.drag(5);
    await player.play(10);
    await player.pause();

    expect(service.last).toMatchObject({
      watch_time: 15,
      total_duration: 600,
      device_id: "laptop",
      session_id: tracker.sessionId,
      played: [[0, 15]],
      played_seconds: 20,
    });
  });

  test("a skipped part is not reported as played", async () => {
    const { player, service, attach } = aTracker();
    attach();
    await player.play(4);

    player.drag(100);
    await player.play(10);
    await player.pause();

    expect(service.last?.played).toEqual([
      [0, 4],
      [100, 110],
    ]);
  });

  test("a short seek is not reported as played", async () => {
    const { clock, player, service, attach } = aTracker();
    attach();
    await player.play(4);

    player.drag(4.75);
    await clock.pass(2);

    expect(service.last).toMatchObject({ watch_time: 4.75, played: [[0, 4]], played_seconds: 4 });
  });

  test("the fastest speed is reported as played", async () => {
    const { clock, player, service, attach } = aTracker();
    player.state.rate = 16;
    attach();

    await player.play(10);
    await clock.pass(2);

    expect(service.last).toMatchObject({ played: [[0, 160]], played_seconds: 160 });
  });

  test("a jump without a seek is not reported as played", async () => {
    const { player, service, attach } = aTracker();
    attach();
    await player.play(4);

    player.state.positionSeconds = 300;
    player.signal("timeupdate");
    await player.play(10);
    await player.pause();

    expect(service.last?.played).toEqual([
      [0, 4],
      [300, 310],
    ]);
  });

  test("two attachments are two sessions", () => {
    const { attach } = aTracker();

    expect(attach().sessionId).not.toBe(attach().sessionId);
  });
});

describe("what the learner does", () => {
  test("a pause is reported at once", async () => {
    const { player, service, attach } = aTracker();
    attach();
    await player.play(4.5);

    await player.pause();

    expect(service.last).toMatchObject({ kind: "pause", watch_time: 4.5 });
  });

  test("dragging along the bar is one report, with the last place", async () => {
    const { clock, player, service, attach } = aTracker();
    attach();

    for (const position of [50, 80, 120, 200]) {
      player.drag(position);
      await clock.pass(0.2);
    }
    await clock.pass(5);

    expect(service.reports).toHaveLength(1);
    expect(service.last).toMatchObject({ kind: "seek", watch_time: 200 });
  });

  test("a pause by the browser during dragging is not reported", async () => {
    const { clock, player, service, attach } = aTracker();
    attach();
    await player.play(1);
    player.state.isSeeking = true;
    player.state.positionSeconds = 40;
    player.signal("seeking");

    await player.pause();
    player.land();
    await clock.pass(5);

    expect(service.reports.map((report) => report.kind)).toEqual(["seek"]);
  });

  test("a seek to the start is a restart", async () => {
    const { clock, player, service, attach } = aTracker({ resumeAtSeconds: 60 });
    attach();
    player.land();
    await clock.pass(2);

    player.drag(0);
    await clock.pass(2);

    expect(service.last).toMatchObject({ kind: "restart", watch_time: 0 });
  });

  test("a restart stays a restart while the learner is at the start", async () => {
    const { clock, player, service, attach } = aTracker({ resumeAtSeconds: 60 });
    attach();
    player.land();
    await clock.pass(2);
    player.drag(0);
    await clock.pass(2);

    await player.play(1);
    await player.pause();
    await clock.pass(2);

    expect(service.last).toMatchObject({ kind: "restart", watch_time: 1 });
  });

  test("a restart ends when the learner plays on", async () => {
    const { clock, player, service, attach } = aTracker({ resumeAtSeconds: 60 });
    attach();
    player.land();
    await clock.pass(2);
    player.drag(0);

    await player.play(12);

    expect(service.last).toMatchObject({ kind: "heartbeat" });
  });

  test("a place near the start without a seek is no restart", async () => {
    const { player, service, attach } = aTracker();
    attach();

    await player.play(2);
    await player.pause();

    expect(service.last).toMatchObject({ kind: "pause", watch_time: 2 });
  });

  test("the end is reported as ended, not beyond the length", async () => {
    const { player, service, attach } = aTracker();
    player.state.durationSeconds = 4;
    attach();
    await player.play(4);

    player.state.isPlaying = false;
    player.state.positionSeconds = 4.03;
    player.signal("ended");
    await flushPromises();

    expect(service.last).toMatchObject({ kind: "ended", watch_time: 4, total_duration: 4 });
  });

  test("a hidden page reports", async () => {
    const { player, service, attach } = aTracker();
    attach();
    await player.play(3.5);

    player.signal("hidden");
    await flushPromises();

    expect(service.last).toMatchObject({ kind: "flush", watch_time: 3.5 });
  });

  test("a paused page that is hidden again and again reports nothing new", async () => {
    const { clock, player, service, attach } = aTracker();
    attach();
    await player.play(4);
    await player.pause();

    for (let turn = 0; turn < 5; turn += 1) {
      player.signal("hidden");
      await clock.pass(60);
    }
    player.signal("pagehide");

    expect(service.reports).toHaveLength(1);
  });

  test("a player that is only opened and closed reports nothing", async () => {
    const { player, service, attach } = aTracker({ resumeAtSeconds: 60 });
    const tracker = attach();
    player.land();

    await tracker.detach();

    expect(service.reports).toEqual([]);
  });
});

describe("the one-second rule", () => {
  test("delays an early report, and sends the newest state only", async () => {
    const { clock, player, service, attach } = aTracker();
    attach();
    await player.play(4);
    await player.pause();

    await player.play(0.25);
    await player.pause();
    await player.play(0.25);
    await player.pause();
    await clock.pass(5);

    expect(service.reports.map((report) => report.watch_time)).toEqual([4, 4.5]);
    expect(service.gapsSeconds[0]).toBeCloseTo(MIN_GAP_SECONDS);
  });

  test("does not delay the last report of a closing page", async () => {
    const { clock, player, service, attach } = aTracker();
    attach();
    await player.play(4);
    await player.pause();
    await player.play(0.25);

    player.signal("pagehide");
    await clock.pass(5);

    expect(service.reports.map((report) => report.watch_time)).toEqual([4, 4.25]);
    expect(service.gapsSeconds[0]).toBeLessThan(1);
  });

  test("holds for any sequence of commands", async () => {
    const { clock, player, service, attach } = aTracker();
    attach();

    for (let turn = 0; turn < 60; turn += 1) {
      if (turn % 3 === 0) player.drag((turn * 37) % 600);
      await player.play(0.5);
      if (turn % 2 === 0) await player.pause();
      if (turn % 5 === 0) player.signal("hidden");
    }
    await clock.pass(5);

    expect(service.reports.length).toBeGreaterThan(10);
    expect(Math.min(...service.gapsSeconds)).toBeGreaterThanOrEqual(1);
  });
});

describe("before the resume seek has landed", () => {
  test("the player is sought once", () => {
    const { player, attach } = aTracker({ resumeAtSeconds: 125.5 });

    attach();
    player.signal("loadedmetadata");

    expect(player.soughtTo).toEqual([125.5]);
  });

  test("nothing is reported, whatever happens", async () => {
    const { clock, player, service, attach } = aTracker({ resumeAtSeconds: 125.5 });
    const tracker = attach();

    player.state.positionSeconds = 0;
    player.state.isSeeking = false;
    await player.play(2);
    await player.pause();
    player.signal("hidden");
    player.signal("pagehide");
    await tracker.detach();
    await clock.pass(30);

    expect(service.reports).toEqual([]);
  });

  test("the view shows the target", () => {
    const { player, attach } = aTracker({ resumeAtSeconds: 125.5 });
    const tracker = attach();

    player.state.positionSeconds = 0;
    player.signal("timeupdate");

    expect(tracker.view.positionSeconds).toBe(125.5);
  });

  test("the view shows the expected length until the media has one", () => {
    const { player, attach } = aTracker({ resumeAtSeconds: 150, expectedDurationSeconds: 601 });
    player.isLoaded = false;
    const tracker = attach();
    expect(tracker.view).toMatchObject({ durationSeconds: 601, remainingSeconds: 451 });

    player.isLoaded = true;
    player.signal("loadedmetadata");

    expect(tracker.view).toMatchObject({ durationSeconds: 600, percent: 25 });
  });

  test("the landing itself is not reported", async () => {
    const { clock, player, service, attach } = aTracker({ resumeAtSeconds: 125.5 });
    attach();

    player.land();
    await clock.pass(30);

    expect(service.reports).toEqual([]);
  });

  test("what is played after the landing is reported", async () => {
    const { player, service, attach } = aTracker({ resumeAtSeconds: 125.5 });
    attach();
    player.land();

    await player.play(10);

    expect(service.last).toMatchObject({ watch_time: 135.5, played: [[125.5, 135.5]] });
  });

  test("a player that never seeks is reported after some seconds", async () => {
    const { player, service, attach } = aTracker({ resumeAtSeconds: 125.5 });
    player.dropsSeeks = true;
    attach();

    await player.play(5);
    await player.pause();
    expect(service.reports).toEqual([]);

    await player.play(10);
    await player.pause();
    expect(service.last).toMatchObject({ watch_time: 15 });
    expect(player.soughtTo.length).toBeLessThanOrEqual(40);
  });

  test("media that loads late is sought when it is ready", () => {
    const { player, attach } = aTracker({ resumeAtSeconds: 125.5 });
    player.isLoaded = false;
    attach();
    expect(player.soughtTo).toEqual([]);

    player.isLoaded = true;
    player.signal("loadedmetadata");

    expect(player.soughtTo).toEqual([125.5]);
  });

  test("a length that is known late, and changes, causes one seek", async () => {
    const { player, service, attach } = aTracker({ resumeAtSeconds: 125.5 });
    player.isLoaded = false;
    attach();
    player.signal("loadedmetadata");

    player.isLoaded = true;
    player.signal("loadedmetadata");
    player.land();
    await player.play(5);
    player.signal("loadedmetadata");
    await player.play(5);

    expect(player.soughtTo).toEqual([125.5]);
    expect(service.last).toMatchObject({ watch_time: 135.5, played: [[125.5, 135.5]] });
  });

  test("media that loads again is sought again", async () => {
    const { clock, player, attach } = aTracker({ resumeAtSeconds: 125.5 });
    attach();
    player.state.positionSeconds = 0;
    player.state.isSeeking = false;

    player.isLoaded = false;
    player.signal("emptied");
    player.isLoaded = true;
    player.signal("loadedmetadata");
    await clock.pass(1);

    expect(player.soughtTo).toEqual([125.5, 125.5]);
  });

  test("media that loads again continues from the same place", async () => {
    const { clock, player, service, attach } = aTracker();
    attach();
    await player.play(12);

    player.isLoaded = false;
    player.state.positionSeconds = 0;
    player.signal("emptied");
    player.isLoaded = true;
    player.state.isPlaying = false;
    player.signal("loadedmetadata");
    player.land();
    await clock.pass(30);

    expect(player.soughtTo).toEqual([12]);
    expect(service.reports.map((report) => report.watch_time)).toEqual([10]);
  });
});

describe("the outcome of a report", () => {
  test("a failed report is sent again with the newest state", async () => {
    const { clock, player, service, attach } = aTracker();
    service.outcomes = [{ status: "retry", retryAfterSeconds: 3 }];
    attach();
    await player.play(4);
    await player.pause();
    await player.play(1);
    await player.pause();

    await clock.pass(10);

    expect(service.reports.map((report) => report.watch_time)).toEqual([4, 5]);
    expect(service.gapsSeconds).toEqual([3]);
  });

  test("a report without a fresh token is part of the next one", async () => {
    const { clock, player, service, attach } = aTracker({ onUnauthenticated: async () => false });
    service.outcomes = [{ status: "unauthenticated" }];
    attach();
    await player.play(4);
    await player.pause();
    await clock.pass(60);
    expect(service.reports).toHaveLength(1);

    player.signal("hidden");
    await flushPromises();

    expect(service.reports.map((report) => report.watch_time)).toEqual([4, 4]);
  });

  test("a rejected report calls the listener and is not sent again", async () => {
    const onRejected = vi.fn();
    const problem = { httpStatus: 422, code: "duration_mismatch", detail: "600 is not 700" };
    const { clock, player, service, attach } = aTracker({ onRejected });
    service.outcomes = [{ status: "rejected", problem }];
    attach();
    await player.play(4);
    await player.pause();

    await clock.pass(120);

    expect(onRejected).toHaveBeenCalledExactlyOnceWith(problem);
    expect(service.reports).toHaveLength(1);
  });

  test("a stored report calls the listener", async () => {
    const onStored = vi.fn();
    const { player, attach } = aTracker({ onStored });
    attach();

    await player.play(4);
    await player.pause();

    expect(onStored).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ watch_time: 4 }));
  });
});

describe("the end of tracking", () => {
  test("detach sends the last place and stops watching the player", async () => {
    const { player, service, attach } = aTracker();
    const tracker = attach();
    await player.play(4);

    await tracker.detach();

    expect(service.last).toMatchObject({ kind: "flush", watch_time: 4 });
    expect(player.isWatched).toBe(false);
  });

  test("detach follows the one-second rule", async () => {
    const { clock, player, service, attach } = aTracker();
    const tracker = attach();
    await player.play(4);
    await player.pause();
    await player.play(0.5);

    const detached = tracker.detach();
    await clock.pass(5);
    await detached;

    expect(service.reports.map((report) => report.watch_time)).toEqual([4, 4.5]);
    expect(service.gapsSeconds[0]).toBeGreaterThanOrEqual(1);
  });

  test("a closing page sends what was played before the media was removed", async () => {
    const { player, service, attach } = aTracker();
    attach();
    await player.play(4);
    player.isLoaded = false;
    player.signal("emptied");

    player.signal("pagehide");

    expect(service.last).toMatchObject({ kind: "flush", watch_time: 4 });
  });

  test("detach ignores what the element does afterwards", async () => {
    const { clock, player, service, attach } = aTracker();
    const tracker = attach();
    await player.play(4);
    await player.pause();
    await player.play(0.5);

    const detached = tracker.detach();
    await player.play(0.75);
    player.state.positionSeconds = 0;
    player.signal("pause");
    await clock.pass(5);
    await detached;

    expect(service.last).toMatchObject({ watch_time: 4.5 });
  });

  test("detach does not wait for a lost network", async () => {
    const { player, service, attach } = aTracker();
    service.outcomes = [{ status: "retry" }];
    const tracker = attach();
    await player.play(4);

    await expect(tracker.detach()).resolves.toBeUndefined();
  });
});

test("live stream without an end is not reported", async () => {
  const { player, service, attach } = aTracker();
  player.isLoaded = false;
  attach();

  await player.play(30);

  expect(service.reports).toEqual([]);
});
