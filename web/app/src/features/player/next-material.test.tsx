import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test } from "vitest";
import { FakeService } from "../../testing/fake-service";
import { load, say, set, theVideo } from "../../testing/fake-video";
import { aToken, renderApp, signInAs } from "../../testing/render";
import { nextUnfinished } from "./next-material";

const { materials } = new FakeService().course;
const nextAfter = (videoId: string, ...doneIds: string[]) =>
  nextUnfinished(materials, { videoId, doneIds })?.material_id ?? null;

test("what comes next is the first open material behind the video, else the first of all", () => {
  expect(nextAfter("welcome")).toBe("reading-list");
  expect(nextAfter("welcome", "reading-list")).toBe("state");
  expect(nextAfter("state")).toBe("welcome");
  expect(nextAfter("welcome", "welcome", "reading-list", "state")).toBeNull();
  expect(nextAfter("welcome", "reading-list", "state")).toBeNull();
});

describe("at the end of a video, when the service could not say where to go on", () => {
  let service: FakeService;

  beforeEach(() => {
    service = new FakeService();
    signInAs(aToken());
  });

  async function openOffline() {
    renderApp("/courses/demo");
    const play = await screen.findByRole("button", { name: "Play Welcome" });
    service.setOnline(false);
    await userEvent.click(play);
    const video = await theVideo();
    load(video);
    return video;
  }

  async function whatComesAfter(video: HTMLVideoElement) {
    video.currentTime = 599;
    say(video, "timeupdate");
    return await screen.findByRole("region", { name: "After this video" });
  }

  test("the course that is on the page tells what comes next", async () => {
    const card = await whatComesAfter(await openOffline());

    expect(card).toHaveTextContent("Reading list");
    expect(card).not.toHaveTextContent("Nothing is left");
  });

  test("so it does when the place is known from what this device kept", async () => {
    const video = await openOffline();
    set(video, { paused: false });
    say(video, "play");
    video.currentTime = 300;
    say(video, "seeked");
    await userEvent.click(screen.getByRole("button", { name: "Close video" }));

    await userEvent.click(await screen.findByRole("button", { name: "Play Welcome" }));
    const again = await theVideo();
    load(again);
    expect(again.currentTime).toBe(300);

    expect(await whatComesAfter(again)).toHaveTextContent("Reading list");
  });

  test("nothing is left only when everything else is done", async () => {
    service.completedIds = ["reading-list", "state"];

    const card = await whatComesAfter(await openOffline());

    expect(card).toHaveTextContent("Nothing is left");
  });
});
