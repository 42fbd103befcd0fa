import { act, render, screen } from "@testing-library/react";
import "@testing-library/jest-dom/vitest";
import { beforeEach, describe, expect, test } from "vitest";
import { settle } from "../../tracker/test/fakes";
import { json, World } from "../../tracker/test/world";
import { ProgressProvider } from "../src/index";
import { NativeLesson, VideoJsLesson } from "./players";

let world: World;

beforeEach(() => {
  // There is no device to cast to here, and half of what asks for one.
  Object.defineProperty(HTMLMediaElement.prototype, "remote", { value: undefined });
  world = new World();
  world.network.answers.resume = [json({ resume_at: 120, watch_time: 130 })];
});

const video = () => screen.getByLabelText("lesson", { selector: "video" }) as HTMLVideoElement;

async function say(event: string, state: Record<string, unknown> = {}, forSeconds = 0) {
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
      <ProgressProvider link={world.openTab().link}>
        <Lesson videoId="intro" />
      </ProgressProvider>,
    );
    await act(settle);
    await say("loadedmetadata", { duration: 600, paused: true, ended: false, seeking: false });
    await say("seeked");
    return page;
  }

  test("starts at the place and shows it", async () => {
    await open();

    expect(video().currentTime).toBe(120);
    // The page is drawn in a task of its own, after the media event.
    expect(await screen.findByText("20 %")).toBeInTheDocument();
  });

  test("what is played is reported, and the last word leaves with the player", async () => {
    const page = await open();

    await say("play", { paused: false });
    await say("timeupdate", {}, 5);
    await say("timeupdate", { currentTime: 125 }, 5);
    await say("timeupdate", { currentTime: 130 }, 0.25);
    await say("timeupdate", { currentTime: 130.25 });
    page.unmount();
    await settle();

    expect(world.network.to("/intro/watch-time")).toMatchObject([
      { body: { kind: "heartbeat", watch_time: 130 } },
    ]);
    expect(world.network.events).toMatchObject([{ kind: "flush", watch_time: 130.25 }]);
  });
});
