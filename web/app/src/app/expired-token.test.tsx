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

const known = () => Object.keys(localStorage).filter((key) => key.startsWith("progress.known."));

const theCourse = () => screen.findByRole("heading", { level: 1, name: "Demo course" });

/** The course was open here, and its token has expired since. */
async function leftBehind() {
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

test("without a connection, a token that expires ends neither the video nor what is known", async () => {
  signInAs(aToken({ livesSeconds: 2 }));
  renderApp("/courses/demo/videos/welcome");
  const video = await theVideo();
  load(video);
  service.setOnline(false);

  await new Promise((resolve) => setTimeout(resolve, 2200));

  expect(video).toBeInTheDocument();
  expect(await theVideo()).toBe(video);
  window.dispatchEvent(new Event("pagehide"));
  expect(known()).toEqual(["progress.known.ana"]);
}, 10_000);

test("without a connection, the course opens though its token has expired", async () => {
  await leftBehind();
  service.setOnline(false);

  renderApp();

  expect(await theCourse()).toBeVisible();
  expect(screen.getByText("2 minutes watched")).toBeVisible();
});

test("once there is a connection a token is asked for beside what is known", async () => {
  await leftBehind();
  service.setOnline(false);
  renderApp();
  await theCourse();
  service.problem = { status: 401, code: "unauthenticated", detail: "No." };

  service.setOnline(true);

  expect(await screen.findByRole("alert")).toHaveTextContent(/token/);
  expect(screen.getByText("2 minutes watched")).toBeVisible();
  expect(known()).toEqual(["progress.known.ana"]);
});

test("a token that ends beside a video stops nothing, and the next one is used from then on", async () => {
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

test("another account that signs in then sees nothing of it, and it is gone", async () => {
  await leftBehind();
  renderApp();
  service.statuses = {};

  await enter(aToken({ studentId: "ben" }));

  expect(await theCourse()).toBeVisible();
  expect(screen.queryByText("2 minutes watched")).toBeNull();
  await waitFor(() => expect(known()).not.toContain("progress.known.ana"));
});

test("signing out takes away what is known, as ever", async () => {
  signInAs(aToken());
  renderApp();
  await theCourse();
  window.dispatchEvent(new Event("pagehide"));
  expect(known()).toEqual(["progress.known.ana"]);

  await userEvent.click(screen.getByRole("button", { name: "Sign out" }));

  expect(known()).toEqual([]);
});
