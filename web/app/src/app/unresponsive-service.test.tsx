import { act, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { aStatus, FakeService } from "../testing/fake-service";
import { theVideo } from "../testing/fake-video";
import { aToken, renderApp, signInAs } from "../testing/render";

let service: FakeService;

beforeEach(() => {
  service = new FakeService();
  signInAs(aToken());
  vi.useFakeTimers({ shouldAdvanceTime: true });
});

afterEach(() => {
  vi.useRealTimers();
});

const pass = (seconds: number) => act(() => vi.advanceTimersByTimeAsync(seconds * 1000));

const theCourse = () => screen.findByRole("heading", { level: 1, name: "Demo course" });
const saving = () => screen.getByRole("status", { name: "Saving" });

test("unresponsive service is reported after 10 s, and the page recovers by itself", async () => {
  service.isUnresponsive = true;
  renderApp();
  expect(saving()).not.toHaveTextContent("All saved");
  await pass(14);

  expect(screen.getByRole("alert")).toHaveTextContent("The service does not answer");
  expect(screen.getByRole("button", { name: "Try again" })).toBeVisible();
  expect(saving()).toHaveTextContent("Not connected");
  await pass(10);
  expect(screen.getByRole("alert")).toHaveTextContent("The service does not answer");

  service.isUnresponsive = false;
  await pass(15);

  expect(await theCourse()).toBeVisible();
  expect(screen.queryByRole("alert")).toBeNull();
  await pass(3);
  expect(saving()).toHaveTextContent("All saved");
});

test("stored data of an unresponsive service is shown, and a video opens from it", async () => {
  service.statuses.welcome = aStatus({
    watch_time: 125.5,
    total_duration: 600,
    progress_percentage: 20.92,
  });
  const { unmount } = renderApp();
  await theCourse();
  window.dispatchEvent(new Event("pagehide"));
  unmount();
  service.isUnresponsive = true;

  renderApp();
  await pass(5);

  expect(await theCourse()).toBeVisible();
  expect(screen.getByText("2 minutes watched")).toBeVisible();
  await pass(10);
  expect(screen.getByRole("alert")).toHaveTextContent("You see what was known last");
  const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
  await user.click(screen.getByRole("button", { name: "Play Welcome" }));
  await pass(6);
  expect(await theVideo()).toBeVisible();
});

test("unresponsive shelf does not delay the course", async () => {
  service.unresponsivePath = "/continue-watching";

  renderApp();
  await pass(4);

  expect(await theCourse()).toBeVisible();
});

test("page of a proxy instead of a response is an error in plain words", async () => {
  service.page = "<html><h1>502 Bad Gateway</h1></html>";
  renderApp();
  await pass(14);

  expect(screen.getByRole("alert")).toHaveTextContent("The service has trouble at the moment");

  service.page = null;
  await pass(12);

  expect(await theCourse()).toBeVisible();
});

test("page that was opened offline reads everything once there is a network", async () => {
  service.setOnline(false);
  renderApp();
  await pass(4);
  expect(screen.getByRole("alert")).toHaveTextContent("cannot be reached");

  service.setOnline(true);

  expect(await theCourse()).toBeVisible();
});
