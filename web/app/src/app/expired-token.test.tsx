import { cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { aStatus, FakeService } from "../testing/fake-service";
import { load, pauseAt, theVideo } from "../testing/fake-video";
import { aToken, renderApp, signInAs } from "../testing/render";

let service: FakeService;

beforeEach(() => {
  service = new FakeService();
  service.statuses.welcome = aStatus({
    watch_time: 125.5,
    total_duration: 600,
    progress_percentage: 20.92,
  });
});

const storedData = () =>
  Object.keys(localStorage).filter((key) => key.startsWith("progress.known."));

const theCourse = () => screen.findByRole("heading", { level: 1, name: "Demo course" });

/** The course was open here; its token has expired since. */
async function visitAndExpire() {
  signInAs(aToken());
  renderApp();
  await theCourse();
  window.dispatchEvent(new Event("pagehide"));
  cleanup();
  signInAs(aToken({ livesSeconds: -10 }));
}

async function enter(token: string) {
  await userEvent.type(await screen.findByLabelText("Access token"), token);
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
}

test("token that expires without a network affects neither video nor stored data", async () => {
  signInAs(aToken({ livesSeconds: 2 }));
  renderApp("/courses/demo/videos/welcome");
  const video = await theVideo();
  load(video);
  service.setOnline(false);

  await new Promise((resolve) => setTimeout(resolve, 2200));

  expect(video).toBeInTheDocument();
  expect(await theVideo()).toBe(video);
  window.dispatchEvent(new Event("pagehide"));
  expect(storedData()).toEqual(["progress.known.ana"]);
}, 10_000);

test("course opens without a network though the token has expired", async () => {
  await visitAndExpire();
  service.setOnline(false);

  renderApp();

  expect(await theCourse()).toBeVisible();
  expect(screen.getByText("2 minutes watched")).toBeVisible();
});

test("expired token is requested beside the stored data when the network is back", async () => {
  await visitAndExpire();
  service.setOnline(false);
  renderApp();
  await theCourse();
  service.problem = { status: 401, code: "unauthenticated", detail: "No." };

  service.setOnline(true);

  expect(await screen.findByRole("alert")).toHaveTextContent(/token/);
  expect(screen.getByText("2 minutes watched")).toBeVisible();
  expect(storedData()).toEqual(["progress.known.ana"]);
});

test("token that expires during a video is renewed without a stop", async () => {
  signInAs(aToken());
  renderApp("/courses/demo/videos/welcome");
  const video = await theVideo();
  load(video);
  service.problem = { status: 401, code: "unauthenticated", detail: "No." };
  pauseAt(video, 200);

  const form = await screen.findByRole("region", { name: "Sign in again" });
  expect(form).toHaveTextContent("Paste a new token to go on");
  expect(screen.getAllByRole("alert")).toHaveLength(1);
  service.problem = null;
  await enter(aToken({ livesSeconds: 7200 }));

  await waitFor(() => expect(screen.queryByRole("region", { name: "Sign in again" })).toBeNull());
  expect(await theVideo()).toBe(video);
  pauseAt(video, 210);
  await waitFor(() => expect(service.reports.at(-1)?.watch_time).toBe(210), { timeout: 8000 });
}, 15_000);

test("stored data is removed when another account signs in", async () => {
  await visitAndExpire();
  renderApp();
  service.statuses = {};

  await enter(aToken({ studentId: "ben" }));

  expect(await theCourse()).toBeVisible();
  expect(screen.queryByText("2 minutes watched")).toBeNull();
  await waitFor(() => expect(storedData()).not.toContain("progress.known.ana"));
});

test("stored data is removed by signing out", async () => {
  signInAs(aToken());
  renderApp();
  await theCourse();
  window.dispatchEvent(new Event("pagehide"));
  expect(storedData()).toEqual(["progress.known.ana"]);

  await userEvent.click(screen.getByRole("button", { name: "Sign out" }));

  expect(storedData()).toEqual([]);
});
