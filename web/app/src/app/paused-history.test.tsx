import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { indexedDbStore } from "progress-service-tracker";
import { beforeEach, expect, test } from "vitest";
import { FakeService } from "../testing/fake-service";
import { fire, load, pauseAt, set, theVideo } from "../testing/fake-video";
import { aToken, renderApp, signInAs } from "../testing/render";

const NOTE = /Your history is paused: your place is not saved/;

let service: FakeService;

beforeEach(() => {
  service = new FakeService();
  service.privacy.history = "paused";
  signInAs(aToken());
});

async function openVideo(): Promise<HTMLVideoElement> {
  await userEvent.click(await screen.findByRole("button", { name: "Play Welcome" }));
  const video = await theVideo();
  load(video);
  return video;
}

const place = () =>
  screen.getByRole("progressbar", { name: "Progress in Welcome" }).getAttribute("aria-valuetext");

test("player says that the history is paused, and stores nothing on this device", async () => {
  renderApp("/courses/demo");
  const video = await openVideo();
  expect(await screen.findByText(NOTE)).toBeVisible();

  set(video, { paused: false });
  fire(video, "play");
  pauseAt(video, 300);
  await waitFor(() => expect(service.reports.at(-1)?.watch_time).toBe(300));

  const saving = screen.getByRole("status", { name: "Saving" });
  await waitFor(() => expect(saving).toHaveTextContent("All saved"), { timeout: 5_000 });
  expect(await indexedDbStore().all("ana")).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Close video" }));
  await waitFor(() => expect(place()).toBe("0:00 of 10:00 watched"));
});

test("video that is opened again on this page goes on from where it was", async () => {
  renderApp("/courses/demo");
  const first = await openVideo();
  await screen.findByText(NOTE);
  pauseAt(first, 300);
  await waitFor(() => expect(service.reports.at(-1)?.watch_time).toBe(300));
  await userEvent.click(screen.getByRole("button", { name: "Close video" }));

  const again = await openVideo();

  expect(again.currentTime).toBe(300);
});

test("choice of an earlier visit holds while the service is out of reach", async () => {
  const { unmount } = renderApp("/courses/demo");
  await openVideo();
  await screen.findByText(NOTE);
  await waitFor(() => expect(localStorage.getItem("progress.known.ana")).toContain("paused"), {
    timeout: 3_000,
  });
  unmount();
  service.unresponsivePath = "/me/preferences";

  renderApp("/courses/demo");
  await openVideo();

  expect(await screen.findByText(NOTE)).toBeVisible();
});

test("history that is on shows no such line", async () => {
  service.privacy.history = "on";
  renderApp("/courses/demo");
  await openVideo();
  await waitFor(() => expect(service.callsTo("/me/preferences")).toHaveLength(1));

  expect(screen.queryByText(NOTE)).toBeNull();
});
