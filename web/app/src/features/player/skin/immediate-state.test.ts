import type { videoFeatures } from "@videojs/react/video";
import { expect, test } from "vitest";
import { withImmediateState } from "./immediate-state";

type Commands = Record<string, (...values: unknown[]) => unknown>;

/** The commands of a feature, and the state of the controls before any event of the video. */
function commandsOf(name: string, commands: (media: HTMLVideoElement) => Commands) {
  const media = { paused: true, playbackRate: 1 } as { paused: boolean } & HTMLVideoElement;
  const known: object = {};
  const feature = { name, state: () => commands(media) };
  const [followed] = withImmediateState([
    feature,
  ] as unknown as typeof videoFeatures) as unknown as [{ state: (context: object) => Commands }];
  const context = { target: () => ({ media }), set: (some: object) => Object.assign(known, some) };
  return { known, ...followed.state(context) } as Commands & { known: object };
}

test("state has play and pause at once, and the command returns its result", () => {
  const { known, play, pause } = commandsOf("playback", (media) => ({
    play: () => Object.assign(media, { paused: false }) && "playing soon",
    pause: () => Object.assign(media, { paused: true }),
  }));

  expect(play?.()).toBe("playing soon");
  expect(known).toEqual({ paused: false });
  pause?.();
  expect(known).toEqual({ paused: true });
});

test("state has the resulting speed, not the requested one", () => {
  const { known, setPlaybackRate } = commandsOf("playbackRate", (media) => ({
    setPlaybackRate: (rate) => Object.assign(media, { playbackRate: Math.min(rate as number, 2) }),
  }));

  setPlaybackRate?.(16);

  expect(known).toEqual({ playbackRate: 2 });
});
