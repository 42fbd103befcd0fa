import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { aFrame, aStatus, FakeService } from "../../testing/fake-service";
import { fire, load, pauseAt, set, theVideo } from "../../testing/fake-video";
import { aToken, renderApp, signInAs } from "../../testing/render";

const OWN_DEVICE = "web-this-browser";

let service: FakeService;

beforeEach(() => {
  service = new FakeService();
  signInAs(aToken());
  localStorage.setItem("progress.device_id", OWN_DEVICE);
});

async function openCourse() {
  renderApp("/courses/demo");
  await screen.findByRole("heading", { level: 1, name: "Demo course" });
}

async function openVideo() {
  await userEvent.click(screen.getByRole("button", { name: "Play Welcome" }));
  const video = await theVideo();
  load(video);
  return video;
}

const place = () =>
  within(screen.getByRole("navigation", { name: "Modules" }))
    .getByRole("progressbar", { name: "Progress in Welcome" })
    .getAttribute("aria-valuetext");

/** The page renders in a task of its own. */
const rendered = () => act(() => new Promise((resolve) => setTimeout(resolve, 20)));

const ring = () =>
  screen.getByRole("progressbar", { name: "Course progress" }).getAttribute("aria-valuenow");

test("frame of another tab updates the page", async () => {
  await openCourse();

  await service.push(aFrame({ deviceId: OWN_DEVICE }));

  await waitFor(() => expect(place()).toBe("5:00 of 10:00 watched"));
});

test("frames of the own player do not move its place back", async () => {
  await openCourse();
  pauseAt(await openVideo(), 400);
  await waitFor(() => expect(place()).toBe("6:40 of 10:00 watched"));

  await service.push(aFrame({ deviceId: OWN_DEVICE, lastWatched: "2100-01-01T00:00:00Z" }));
  await rendered();

  expect(place()).toBe("6:40 of 10:00 watched");
});

test("older frame of the own player does not move the place after it is closed", async () => {
  await openCourse();
  pauseAt(await openVideo(), 400);
  service.statuses.welcome = aStatus({
    watch_time: 400,
    total_duration: 600,
    progress_percentage: 66.67,
    last_watched: "2026-11-22T10:30:00Z",
  });
  await userEvent.click(screen.getByRole("button", { name: "Close video" }));
  await waitFor(() => expect(place()).toBe("6:40 of 10:00 watched"));

  await service.push(aFrame({ deviceId: OWN_DEVICE, lastWatched: "2026-11-22T10:29:50Z" }));
  await rendered();

  expect(place()).toBe("6:40 of 10:00 watched");
});

test("progress ring follows the own player, and does not go back with it", async () => {
  await openCourse();
  const video = await openVideo();

  pauseAt(video, 300);
  await waitFor(() => expect(ring()).toBe("16.67"));
  pauseAt(video, 60);
  await waitFor(() => expect(place()).toBe("1:00 of 10:00 watched"), { timeout: 3000 });

  expect(ring()).toBe("16.67");
});

test("progress ring follows the own player without a network", async () => {
  await openCourse();
  const video = await openVideo();
  service.setOnline(false);

  set(video, { paused: false });
  fire(video, "play");
  video.currentTime = 300;
  fire(video, "seeked");

  await waitFor(() => expect(ring()).toBe("16.67"));
});

test("progress ring follows another device and its course totals", async () => {
  await openCourse();

  await service.push(aFrame({ videoId: "state" }));
  await waitFor(() => expect(ring()).toBe("16.67"));
  await service.push({
    type: "course",
    courseId: "demo",
    enrolled: true,
    overallProgress: 33.33,
    completedIds: ["state"],
    completedAt: null,
  });

  await waitFor(() => expect(ring()).toBe("33.33"));
  expect(await screen.findByText("1 of 3 done")).toBeVisible();
});
