import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { aFrame, aStatus, FakeService } from "../../testing/fake-service";
import { load, pauseAt, theVideo } from "../../testing/fake-video";
import { aToken, renderApp, renderPart, signInAs } from "../../testing/render";
import { VideoPlayer } from "./VideoPlayer";

const completed = (videoId = "welcome") =>
  ({ type: "completed", videoId, completedAt: "2026-11-22T10:30:00Z", cursor: "" }) as const;

let service: FakeService;
const onComplete = vi.fn();

beforeEach(() => {
  service = new FakeService();
  onComplete.mockClear();
});

async function open() {
  renderPart(
    <VideoPlayer videoId="welcome" title="Welcome" onClose={() => {}} onComplete={onComplete} />,
  );
  const video = await theVideo();
  load(video);
  return video;
}

test.each([
  ["at the moment itself", completed()],
  ["by its state, after an interruption", aFrame({ watchTime: 490, completed: true })],
])("a completion that another device has reported is told %s, once", async (_when, frame) => {
  const video = await open();

  await service.say(frame);
  expect(onComplete).toHaveBeenCalledOnce();
  await service.say(completed());
  service.statuses.welcome = aStatus({ completed: true });
  pauseAt(video, 500);
  await waitFor(() => expect(service.reports).toHaveLength(1));

  expect(onComplete).toHaveBeenCalledOnce();
  expect(await screen.findByText("Completed")).toBeVisible();
  expect(await screen.findByText("Welcome is completed.")).toBeInTheDocument();
});

test("one that came while the player was still loading is told", async () => {
  signInAs(aToken());
  renderApp();
  await screen.findByRole("heading", { level: 1, name: "Demo course" });
  await service.say(aFrame({ completed: true }));

  await userEvent.click(screen.getByRole("button", { name: "Play Welcome" }));

  expect(await screen.findByText("Welcome is completed.")).toBeInTheDocument();
});

test("one that was reported here is told once, though the service says it too", async () => {
  const video = await open();
  service.statuses.welcome = aStatus({ completed: true });

  pauseAt(video, 500);
  await waitFor(() => expect(onComplete).toHaveBeenCalledOnce());
  await service.say(completed());
  await service.say(aFrame({ completed: true }));

  expect(onComplete).toHaveBeenCalledOnce();
});

test("one of another video is not", async () => {
  await open();

  await service.say(completed("state"));
  await service.say(aFrame({ videoId: "state", completed: true }));
  await service.say(aFrame());

  expect(onComplete).not.toHaveBeenCalled();
});

test("one from before the video was opened is not told anew", async () => {
  service.statuses.welcome = aStatus({ completed: true });
  await open();

  await service.say(completed());

  expect(onComplete).not.toHaveBeenCalled();
  expect(await screen.findByText("Completed")).toBeVisible();
});
