import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { indexedDbStore } from "progress-service-tracker";
import { beforeEach, expect, test } from "vitest";
import { aListedCourse, aStatus, FakeService } from "../testing/fake-service";
import { fire, load, pauseAt, set, theVideo } from "../testing/fake-video";
import { aToken, renderApp, signInAs } from "../testing/render";

let service: FakeService;

beforeEach(() => {
  service = new FakeService();
  signInAs(aToken());
});

async function openVideo(): Promise<HTMLVideoElement> {
  await userEvent.click(await screen.findByRole("button", { name: "Play Welcome" }));
  const video = await theVideo();
  load(video);
  return video;
}

const entries = () => indexedDbStore().all("ana");

test("page of another device is cleared, closes its video and says why", async () => {
  service.statuses.welcome = aStatus({ watch_time: 60, total_duration: 600 });
  renderApp("/courses/demo");
  const video = await openVideo();
  pauseAt(video, 300);
  await waitFor(() => expect(service.reports).toHaveLength(1));
  await waitFor(async () => expect(await entries()).toHaveLength(1));
  localStorage.setItem("progress.folds.demo", "[]");
  set(video, { paused: false });
  fire(video, "play");
  video.currentTime = 320;
  service.courses = [];

  await service.push({ type: "cleared" });

  expect(await screen.findByText("Your data was erased")).toBeVisible();
  expect(await screen.findByText("You are not in a course yet")).toBeVisible();
  expect(location.pathname).toBe("/");
  await waitFor(async () => expect(await entries()).toEqual([]));
  expect(localStorage.getItem("progress.folds.demo")).toBeNull();
  // What the open video had played is from before the erasure.
  expect(service.reports).toHaveLength(1);
  await userEvent.click(screen.getByRole("button", { name: "Close this message" }));
  expect(screen.queryByText("Your data was erased")).toBeNull();
});

test("video that is opened after an erasure is reported again", async () => {
  renderApp("/courses/demo");
  pauseAt(await openVideo(), 300);
  await waitFor(() => expect(service.reports).toHaveLength(1));
  await service.push({ type: "cleared" });
  await screen.findByText("Your data was erased");

  await userEvent.click(await screen.findByRole("link", { name: "Demo course" }));
  pauseAt(await openVideo(), 100);

  await waitFor(() => expect(service.reports.at(-1)?.watch_time).toBe(100));
});

test("device that was closed during the erasure is cleared at its next visit", async () => {
  service.courses = [aListedCourse({ last_watched: "2026-11-22T10:30:00Z" })];
  const { unmount } = renderApp("/");
  await screen.findByRole("heading", { name: "Demo course" });
  localStorage.setItem("progress.player", "{}");
  await waitFor(() => expect(localStorage.getItem("progress.known.ana")).toContain("10:30"), {
    timeout: 3_000,
  });
  unmount();
  service.privacy.eraseUpTo([]);
  service.courses = [];

  renderApp("/");

  expect(await screen.findByText("Your data was erased")).toBeVisible();
  expect(localStorage.getItem("progress.player")).toBeNull();
  await waitFor(() => expect(localStorage.getItem("progress.known.ana")).not.toContain("10:30"), {
    timeout: 3_000,
  });
});

test("learner who only left a course keeps what this browser holds", async () => {
  service.courses = [aListedCourse({ last_watched: "2026-11-22T10:30:00Z" })];
  const { unmount } = renderApp("/");
  await screen.findByRole("heading", { name: "Demo course" });
  localStorage.setItem("progress.player", "{}");
  await waitFor(() => expect(localStorage.getItem("progress.known.ana")).toContain("10:30"), {
    timeout: 3_000,
  });
  unmount();
  service.courses = [];

  renderApp("/");

  await waitFor(() => expect(service.callsTo("/me/erasure")).toHaveLength(1));
  expect(await screen.findByText("You are not in a course yet")).toBeVisible();
  expect(localStorage.getItem("progress.player")).toBe("{}");
  expect(screen.queryByText("Your data was erased")).toBeNull();
});

test("mark that waits for a connection is deleted with the rest", async () => {
  renderApp("/courses/demo");
  await screen.findByRole("button", { name: "Mark as done: Reading list" });
  service.setOnline(false);
  await userEvent.click(screen.getByRole("button", { name: "Mark as done: Reading list" }));
  expect(localStorage.getItem("progress.marks.ana")).not.toBeNull();
  service.unresponsivePath = "/complete";
  service.setOnline(true);

  await service.push({ type: "cleared" });

  await waitFor(() => expect(localStorage.getItem("progress.marks.ana")).toBeNull());
});
