import { act, render, screen } from "@testing-library/react";
import "@testing-library/jest-dom/vitest";
import { beforeEach, describe, expect, test } from "vitest";
import { flushPromises } from "../../tracker/test/fakes";
import { json, World } from "../../tracker/test/world";
import { ProgressProvider } from "../src/index";
import { NativeLesson, VideoJsLesson } from "./players";

let world: World;

beforeEach(() => {
  // happy-dom has only a part of the remote playback API; the skin works without it.
  Object.defineProperty(HTMLMediaElement.prototype, "remote", { value: undefined });
  world = new World();
  world.network.responses.resume = [json({ resume_at: 120, watch_time: 130 })];
});

const video = () => screen.getByLabelText("lesson", { selector: "video" }) as HTMLVideoElement;

async function fire(event: string, state: Record<string, unknown> = {}, forSeconds = 0) {
  await act(async () => {
    for (const [name, value] of Object.entries(state)) {
      Object.defineProperty(video(), name, { value, configurable: true, writable: true });
    }
    video().dispatchEvent(new Event(event));
    await world.clock.pass(forSeconds);
  });
}

describe.each([
  ["native video", NativeLesson],
  ["Video.js 10", VideoJsLesson],
])("%s", { timeout: 30_000 }, (_name, Lesson) => {
  async function open() {
    const page = render(
      <ProgressProvider client={world.openTab().client}>
        <Lesson videoId="intro" />
      </ProgressProvider>,
    );
    await act(flushPromises);
    await fire("loadedmetadata", { duration: 600, paused: true, ended: false, seeking: false });
    await fire("seeked");
    return page;
  }

  test("lesson starts at the place and shows it", async () => {
    await open();

    expect(video().currentTime).toBe(120);
    // The page renders in a task of its own, after the media event.
    expect(await screen.findByText("20 %")).toBeInTheDocument();
  });

  test("lesson reports what is played, and its last place when it is unmounted", async () => {
    const page = await open();

    await fire("play", { paused: false });
    await fire("timeupdate", {}, 5);
    await fire("timeupdate", { currentTime: 125 }, 5);
    await fire("timeupdate", { currentTime: 130 }, 0.25);
    await fire("timeupdate", { currentTime: 130.25 });
    page.unmount();
    await flushPromises();

    expect(world.network.to("/intro/watch-time")).toMatchObject([
      { body: { kind: "heartbeat", watch_time: 130 } },
    ]);
    expect(world.network.events).toMatchObject([{ kind: "flush", watch_time: 130.25 }]);
  });
});
