import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { aStatus, FakeService } from "../testing/fake-service";
import { load, say, set, theVideo } from "../testing/fake-video";
import { aToken, renderApp, signInAs } from "../testing/render";

let service: FakeService;

beforeEach(() => {
  service = new FakeService();
  signInAs(aToken());
});

/** Up to the half of Welcome, and back on the course page. */
async function watchOffline() {
  renderApp("/courses/demo");
  await userEvent.click(await screen.findByRole("button", { name: "Play Welcome" }));
  const video = await theVideo();
  load(video);
  service.setOnline(false);
  set(video, { paused: false });
  say(video, "play");
  video.currentTime = 300;
  say(video, "seeking");
  say(video, "seeked");
  await userEvent.click(screen.getByRole("button", { name: "Close video" }));
  await waitFor(() => expect(place()).toBe("5:00 of 10:00 watched"));
}

const place = () =>
  screen.getByRole("progressbar", { name: "Progress in Welcome" }).getAttribute("aria-valuetext");

const ring = () =>
  screen.getByRole("progressbar", { name: "Course progress" }).getAttribute("aria-valuenow");

const REFUSED = "Not all that you watched could be saved";

async function refusal(): Promise<HTMLElement> {
  const heading = await screen.findByText(REFUSED);
  return heading.closest('[role="alert"]') as HTMLElement;
}

const readings = () => service.callsTo("/videos/batch").length;

test("what was watched offline stays in sight while it is handed in, and is read when it has been", async () => {
  await watchOffline();
  let handedIn: (value?: unknown) => void = () => {};
  service.keptAnswer = new Promise((resolve) => (handedIn = resolve));
  const before = readings();

  service.setOnline(true);
  await waitFor(() => expect(service.callsTo("/events")).toHaveLength(1));
  await waitFor(() => expect(readings()).toBe(before + 1));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(place()).toBe("5:00 of 10:00 watched");
  expect(ring()).toBe("16.67");

  service.statuses.welcome = aStatus({ watch_time: 301, total_duration: 600 });
  handedIn();

  await waitFor(() => expect(place()).toBe("5:01 of 10:00 watched"));
});

test("what is refused is told, with what helps, and the list shows what is saved", async () => {
  await watchOffline();
  service.refusal = { code: "not_enrolled", detail: "You are not enrolled." };

  service.setOnline(true);

  const notice = await refusal();
  expect(notice).toHaveTextContent("“Welcome”: you are not enrolled in its course any more");
  expect(notice).toHaveTextContent("Ask your teacher");
  await waitFor(() => expect(place()).toBe("0:00 of 10:00 watched"));
  await userEvent.click(within(notice).getByRole("button", { name: "Close this message" }));
  expect(screen.queryByText(REFUSED)).toBeNull();
});

test("a refusal of a kind nobody knows yet is told in plain words", async () => {
  await watchOffline();
  service.refusal = { code: "erased", detail: "Your records were erased." };

  service.setOnline(true);

  expect(await refusal()).toHaveTextContent("“Welcome”: the service did not accept it.");
});

test("what may be accepted later stays on this device, and is told as such", async () => {
  await watchOffline();
  service.refusal = { code: "not_enrolled", detail: "You are not enrolled.", retry: true };

  service.setOnline(true);

  const notice = await refusal();
  expect(notice).toHaveTextContent("“Welcome”: the course is not open to you at the moment.");
  expect(notice).toHaveTextContent("sent again every day for 30 days");
});
