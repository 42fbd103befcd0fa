import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createSampler, type Signal } from "../src/sampler";

let video: HTMLVideoElement;
let signals: Signal[];
let stop: () => void;

beforeEach(() => {
  video = document.createElement("video");
  signals = [];
  stop = createSampler(video).watch((signal) => signals.push(signal));
});

afterEach(() => stop());

function say(properties: Partial<Record<keyof HTMLVideoElement, unknown>>) {
  for (const [name, value] of Object.entries(properties)) {
    Object.defineProperty(video, name, { value, configurable: true });
  }
}

test("no media gives no sample", () => {
  say({ duration: Number.NaN, readyState: 0 });

  expect(createSampler(video).sample()).toBeNull();
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])(
  "a length of %d is unknown, and the place is known all the same",
  (duration) => {
    say({ duration, readyState: 1, currentTime: 12 });

    expect(createSampler(video).sample()).toMatchObject({
      positionSeconds: 12,
      durationSeconds: 0,
    });
  },
);

test("a sample is what the element says", () => {
  say({
    duration: 90,
    currentTime: 12,
    playbackRate: 2,
    paused: false,
    ended: false,
    seeking: true,
  });

  expect(createSampler(video).sample()).toEqual({
    positionSeconds: 12,
    durationSeconds: 90,
    rate: 2,
    isPlaying: true,
    isSeeking: true,
  });
});

test("events become signals, until nobody watches", () => {
  for (const event of ["loadedmetadata", "play", "timeupdate", "seeking", "seeked", "pause"]) {
    video.dispatchEvent(new Event(event));
  }
  window.dispatchEvent(new Event("pagehide"));

  stop();
  video.dispatchEvent(new Event("pause"));
  window.dispatchEvent(new Event("pagehide"));

  expect(signals).toEqual(["ready", "play", "timeupdate", "seeking", "seeked", "pause", "leaving"]);
});

test("media that tells its length after everything else is ready then", () => {
  say({ duration: Number.POSITIVE_INFINITY, readyState: 1 });
  video.dispatchEvent(new Event("loadedmetadata"));
  expect(createSampler(video).sample()).toMatchObject({ durationSeconds: 0 });

  say({ duration: 90 });
  video.dispatchEvent(new Event("durationchange"));

  expect(signals.at(-1)).toBe("ready");
  expect(createSampler(video).sample()).toMatchObject({ durationSeconds: 90 });
});

test("the pause a browser announces at the end is left to the end", () => {
  say({ ended: true });

  video.dispatchEvent(new Event("pause"));
  video.dispatchEvent(new Event("ended"));

  expect(signals).toEqual(["ended"]);
});

test("only becoming hidden is a signal, not coming back", () => {
  const visibility = vi.spyOn(document, "visibilityState", "get");

  for (const state of ["hidden", "visible"] as const) {
    visibility.mockReturnValue(state);
    document.dispatchEvent(new Event("visibilitychange"));
  }

  expect(signals).toEqual(["hidden"]);
});
