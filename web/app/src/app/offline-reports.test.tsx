import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { indexedDbStore } from "progress-service-tracker";
import { beforeEach, expect, test } from "vitest";
import { aStatus, FakeService } from "../testing/fake-service";
import { fire, load, set, theVideo } from "../testing/fake-video";
import { aToken, renderApp, signInAs } from "../testing/render";

let service: FakeService;

beforeEach(() => {
  service = new FakeService();
  signInAs(aToken());
});

/** Watch half of Welcome, then return to the course page. */
async function watchOffline() {
  renderApp("/courses/demo");
  await userEvent.click(await screen.findByRole("button", { name: "Play Welcome" }));
  const video = await theVideo();
  load(video);
  service.setOnline(false);
  set(video, { paused: false });
  fire(video, "play");
  video.currentTime = 300;
  fire(video, "seeking");
  fire(video, "seeked");
  await userEvent.click(screen.getByRole("button", { name: "Close video" }));
  await waitFor(() => expect(place()).toBe("5:00 of 10:00 watched"));
}

const place = () =>
  screen.getByRole("progressbar", { name: "Progress in Welcome" }).getAttribute("aria-valuetext");

const ring = () =>
  screen.getByRole("progressbar", { name: "Course progress" }).getAttribute("aria-valuenow");

const REJECTED = "Not all that you watched could be saved";

async function rejectionNotice(): Promise<HTMLElement> {
  const heading = await screen.findByText(REJECTED);
  return heading.closest('[role="alert"]') as HTMLElement;
}

const reads = () => service.callsTo("/videos/batch").length;

test("offline progress is shown while it is sent, and read again afterwards", async () => {
  await watchOffline();
  let respond: (value?: unknown) => void = () => {};
  service.eventsDelay = new Promise((resolve) => (respond = resolve));
  const before = reads();

  service.setOnline(true);
  await waitFor(() => expect(service.callsTo("/events")).toHaveLength(1));
  await waitFor(() => expect(reads()).toBe(before + 1));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(place()).toBe("5:00 of 10:00 watched");
  expect(ring()).toBe("16.67");

  service.statuses.welcome = aStatus({ watch_time: 301, total_duration: 600 });
  respond();

  await waitFor(() => expect(place()).toBe("5:01 of 10:00 watched"));
});

test("rejected report is listed with its remedy, and the list shows the saved place", async () => {
  await watchOffline();
  service.rejection = { code: "not_enrolled", detail: "You are not enrolled." };

  service.setOnline(true);

  const notice = await rejectionNotice();
  expect(notice).toHaveTextContent("“Welcome”: you are not enrolled in its course any more");
  expect(notice).toHaveTextContent("Ask your teacher");
  await waitFor(() => expect(place()).toBe("0:00 of 10:00 watched"));
  await userEvent.click(within(notice).getByRole("button", { name: "Close this message" }));
  expect(screen.queryByText(REJECTED)).toBeNull();
});

test("rejected report with an unknown code is listed in plain words", async () => {
  await watchOffline();
  service.rejection = { code: "another", detail: "For programmers." };

  service.setOnline(true);

  expect(await rejectionNotice()).toHaveTextContent("“Welcome”: the service did not accept it.");
});

test("report from before an erasure is said once, and deleted with all that was read", async () => {
  await watchOffline();
  service.rejection = { code: "erased", detail: "Your records were erased." };

  service.setOnline(true);

  const notice = await screen.findByText(/still held reports from before your data was erased/);
  expect(notice).not.toHaveTextContent("Welcome");
  expect(screen.queryByText(REJECTED)).toBeNull();
  await waitFor(async () => expect(await indexedDbStore().all("ana")).toEqual([]));
  await waitFor(() => expect(place()).toBe("0:00 of 10:00 watched"));
  await userEvent.click(screen.getByRole("button", { name: "Close this message" }));
  expect(screen.queryByText(/before your data was erased/)).toBeNull();
});

test("rejected report that may be accepted later stays on this device", async () => {
  await watchOffline();
  service.rejection = { code: "not_enrolled", detail: "You are not enrolled.", retry: true };

  service.setOnline(true);

  const notice = await rejectionNotice();
  expect(notice).toHaveTextContent("“Welcome”: the course is not open to you at the moment.");
  expect(notice).toHaveTextContent("sent again every day for 30 days");
});
