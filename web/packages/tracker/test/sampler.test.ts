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

function setState(properties: Partial<Record<keyof HTMLVideoElement, unknown>>) {
  for (const [name, value] of Object.entries(properties)) {
    Object.defineProperty(video, name, { value, configurable: true });
  }
}

test("sample of an element without media is null", () => {
  setState({ duration: Number.NaN, readyState: 0 });

  expect(createSampler(video).sample()).toBeNull();
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])(
  "sample with a length of %d has a position and no length",
  (duration) => {
    setState({ duration, readyState: 1, currentTime: 12 });

    expect(createSampler(video).sample()).toMatchObject({
      positionSeconds: 12,
      durationSeconds: 0,
    });
  },
);

test("sample has the state of the element", () => {
  setState({
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

test("events are signals until the sampler is stopped", () => {
  for (const event of ["loadedmetadata", "play", "timeupdate", "seeking", "seeked", "pause"]) {
    video.dispatchEvent(new Event(event));
  }
  window.dispatchEvent(new Event("pagehide"));

  stop();
  video.dispatchEvent(new Event("pause"));
  window.dispatchEvent(new Event("pagehide"));

  expect(signals).toEqual([
    "loadedmetadata",
    "play",
    "timeupdate",
    "seeking",
    "seeked",
    "pause",
    "pagehide",
  ]);
});

test("length that is known late is a signal", () => {
  setState({ duration: Number.POSITIVE_INFINITY, readyState: 1 });
  video.dispatchEvent(new Event("loadedmetadata"));
  expect(createSampler(video).sample()).toMatchObject({ durationSeconds: 0 });

  setState({ duration: 90 });
  video.dispatchEvent(new Event("durationchange"));

  expect(signals.at(-1)).toBe("durationchange");
  expect(createSampler(video).sample()).toMatchObject({ durationSeconds: 90 });
});

test("pause at the end is no signal", () => {
  setState({ ended: true });

  video.dispatchEvent(new Event("pause"));
  video.dispatchEvent(new Event("ended"));

  expect(signals).toEqual(["ended"]);
});

test("page that is hidden is a signal, a visible one is not", () => {
  const visibility = vi.spyOn(document, "visibilityState", "get");

  for (const state of ["hidden", "visible"] as const) {
    visibility.mockReturnValue(state);
    document.dispatchEvent(new Event("visibilitychange"));
  }

  expect(signals).toEqual(["hidden"]);
});
