import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { aFrame, aStatus, FakeService } from "../../../testing/fake-service";
import { load, pauseAt, theVideo } from "../../../testing/fake-video";
import { aToken, renderApp, renderPart, signInAs } from "../../../testing/render";
import { VideoPlayer } from "../VideoPlayer";

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
  ["a completed frame", completed()],
  ["a progress frame", aFrame({ watchTime: 490, completed: true })],
])("completion on another device is reported once, by %s", async (_kind, frame) => {
  const video = await open();

  await service.push(frame);
  expect(onComplete).toHaveBeenCalledOnce();
  await service.push(completed());
  service.statuses.welcome = aStatus({ completed: true });
  pauseAt(video, 500);
  await waitFor(() => expect(service.reports).toHaveLength(1));

  expect(onComplete).toHaveBeenCalledOnce();
  expect(await screen.findByText("Completed")).toBeVisible();
  expect(await screen.findByText("Welcome is completed.")).toBeInTheDocument();
});

test("completion during the loading of the player is reported", async () => {
  signInAs(aToken());
  renderApp();
  await screen.findByRole("heading", { level: 1, name: "Demo course" });
  await service.push(aFrame({ completed: true }));

  await userEvent.click(screen.getByRole("button", { name: "Play Welcome" }));

  expect(await screen.findByText("Welcome is completed.")).toBeInTheDocument();
});

test("completion on this device is reported once, also with a frame", async () => {
  const video = await open();
  service.statuses.welcome = aStatus({ completed: true });

  pauseAt(video, 500);
  await waitFor(() => expect(onComplete).toHaveBeenCalledOnce());
  await service.push(completed());
  await service.push(aFrame({ completed: true }));

  expect(onComplete).toHaveBeenCalledOnce();
});

test("completion of another video is not reported", async () => {
  await open();

  await service.push(completed("state"));
  await service.push(aFrame({ videoId: "state", completed: true }));
  await service.push(aFrame());

  expect(onComplete).not.toHaveBeenCalled();
});

test("completion before the video was opened is not reported", async () => {
  service.statuses.welcome = aStatus({ completed: true });
  await open();

  await service.push(completed());

  expect(onComplete).not.toHaveBeenCalled();
  expect(await screen.findByText("Completed")).toBeVisible();
});
