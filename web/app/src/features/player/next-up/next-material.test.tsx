import { readFileSync } from "node:fs";
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { Material } from "progress-service-api-client";
import { beforeEach, describe, expect, test } from "vitest";
import { FakeService } from "../../../testing/fake-service";
import { fire, load, set, theVideo } from "../../../testing/fake-video";
import { aToken, renderApp, signInAs } from "../../../testing/render";
import { nextUnfinished } from "./next-material";

const { materials } = new FakeService().course;
const nextAfter = (videoId: string, ...doneIds: string[]) =>
  nextUnfinished(materials, { videoId, doneIds })?.material_id ?? null;

test("next material is the first unfinished one after the video, or else of the course", () => {
  expect(nextAfter("welcome")).toBe("reading-list");
  expect(nextAfter("welcome", "reading-list")).toBe("state");
  expect(nextAfter("state")).toBe("welcome");
  expect(nextAfter("welcome", "welcome", "reading-list", "state")).toBeNull();
  expect(nextAfter("welcome", "reading-list", "state")).toBeNull();
});

interface GoldenCase {
  name: string;
  material_ids: string[];
  completed_ids: string[];
  after: string;
  next: string | null;
}

const GOLDEN = `${import.meta.dirname}/../../../../../../tests/golden/next_material.json`;
const { cases }: { cases: GoldenCase[] } = JSON.parse(readFileSync(GOLDEN, "utf8"));

test.each(cases)("next material equals the golden case: $name", (golden) => {
  const course = golden.material_ids.map((material_id) => ({ material_id }) as Material);

  const next = nextUnfinished(course, { videoId: golden.after, doneIds: golden.completed_ids });

  expect(next?.material_id ?? null).toBe(golden.next);
});

describe("the card at the end of a video without the service", () => {
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

  async function cardAfter(video: HTMLVideoElement) {
    video.currentTime = 599;
    fire(video, "timeupdate");
    return await screen.findByRole("region", { name: "After this video" });
  }

  test("shows the next material of the course", async () => {
    const card = await cardAfter(await openOffline());

    expect(card).toHaveTextContent("Reading list");
    expect(card).not.toHaveTextContent("Nothing is left");
  });

  test("shows the next material when the place is known on this device", async () => {
    const video = await openOffline();
    set(video, { paused: false });
    fire(video, "play");
    video.currentTime = 300;
    fire(video, "seeked");
    await userEvent.click(screen.getByRole("button", { name: "Close video" }));

    await userEvent.click(await screen.findByRole("button", { name: "Play Welcome" }));
    const again = await theVideo();
    load(again);
    expect(again.currentTime).toBe(300);

    expect(await cardAfter(again)).toHaveTextContent("Reading list");
  });

  test("says that nothing is left when everything else is done", async () => {
    service.completedIds = ["reading-list", "state"];

    const card = await cardAfter(await openOffline());

    expect(card).toHaveTextContent("Nothing is left");
  });
});
