import { act, render } from "@testing-library/react";
import { useRef } from "react";
import { expect, test, vi } from "vitest";
import { flushPromises } from "../../tracker/test/fakes";
import { World } from "../../tracker/test/world";
import { ProgressProvider, useWatchProgress } from "../src/index";

test("useWatchProgress follows a playing place in steps, and a pause at once", async () => {
  vi.useFakeTimers();
  const places: number[] = [];
  function Lesson() {
    const video = useRef<HTMLVideoElement>(null);
    places.push(useWatchProgress(video, { videoId: "intro", stepSeconds: 1 }).positionSeconds);
    // biome-ignore lint/a11y/useMediaCaption: the video has no sound.
    return <video ref={video} aria-label="lesson" />;
  }
  const page = render(
    <ProgressProvider client={new World().openTab().client}>
      <Lesson />
    </ProgressProvider>,
  );
  const video = page.getByLabelText("lesson") as HTMLVideoElement;
  const fire = (event: string, state: Record<string, unknown>) =>
    act(async () => {
      for (const [name, value] of Object.entries(state)) {
        Object.defineProperty(video, name, { value, configurable: true, writable: true });
      }
      video.dispatchEvent(new Event(event));
      await flushPromises();
      vi.advanceTimersByTime(1);
    });
  await fire("loadedmetadata", { duration: 600, paused: true, ended: false, seeking: false });
  await fire("play", { paused: false });
  places.length = 0;

  for (const currentTime of [0.25, 0.5, 0.75, 1, 1.25, 1.5])
    await fire("timeupdate", { currentTime });
  await fire("pause", { currentTime: 1.6, paused: true });

  expect(places).toEqual([1, 1.6]);
  page.unmount();
  vi.useRealTimers();
});
