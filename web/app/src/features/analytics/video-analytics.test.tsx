import { act, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test } from "vitest";
import { aSuppressedVideo, aVideoAnalytics } from "../../testing/fake-analytics";
import { FakeService } from "../../testing/fake-service";
import { fire, set, theVideo } from "../../testing/fake-video";
import { aToken, renderApp, signInAs } from "../../testing/render";

const ADDRESS = "/courses/demo/analytics/videos/welcome";

let service: FakeService;

beforeEach(() => {
  service = new FakeService();
  signInAs(aToken({ studentId: "tom", role: "teacher" }));
});

const region = (name: string) => screen.findByRole("region", { name });
const attributes = (elements: Iterable<Element>, name: string) =>
  [...elements].map((element) => Number(element.getAttribute(name)));

/** Captions, as a browser has read them from a file. */
function addCaptions(video: HTMLVideoElement, text: string): TextTrack {
  const cue = { startTime: 458, endTime: 466, getCueAsHTML: () => new Text(text) };
  const track = { kind: "captions", mode: "disabled", cues: [cue] } as unknown as TextTrack;
  set(video, { textTracks: [track] });
  return track;
}

describe("a mark", () => {
  test.each([
    ["Go to 7:40: 12 learners left", 460],
    ["Go to 5:00: 25 replays", 300],
  ])("%s seeks the video", async (name, seconds) => {
    renderApp(ADDRESS);
    const video = await theVideo();

    await userEvent.click(await screen.findByRole("button", { name }));

    expect(video.currentTime).toBe(seconds);
  });

  test("works by keyboard, and says where the video is", async () => {
    renderApp(ADDRESS);
    const video = await theVideo();
    (await screen.findByRole("button", { name: "Go to 5:00: 25 replays" })).focus();

    await userEvent.keyboard("{Enter}");

    expect(video.currentTime).toBe(300);
    expect(screen.getByText("The video is at 5:00.")).toBeInTheDocument();
  });
});

test("playhead follows the video", async () => {
  renderApp(ADDRESS);
  const video = await theVideo();

  set(video, { currentTime: 150 });
  fire(video, "timeupdate");

  for (const line of screen.getAllByTestId("playhead")) expect(line.style.left).toBe("25%");
});

describe("the list in plain words", () => {
  test("seeks the video", async () => {
    renderApp(ADDRESS);
    const video = await theVideo();

    await userEvent.click(
      await screen.findByRole("button", {
        name: /^12 of 180 learners left at 7:40, in “Middle”\.$/,
      }),
    );

    expect(video.currentTime).toBe(460);
  });

  test("quotes what is said there, and does not show the captions", async () => {
    renderApp(ADDRESS);
    const video = await theVideo();
    const track = addCaptions(video, "So the base case");
    fire(video, "loadedmetadata");

    const point = await screen.findByRole("button", { name: /So the base case/ });
    expect(point).toHaveTextContent(
      "12 of 180 learners left at 7:40, in “Middle”: So the base case",
    );
    expect(track.mode).toBe("hidden");
  });

  test("says that no part stands out", async () => {
    service.analytics.video = aVideoAnalytics({ drop_offs: [], replay_peaks: [] });
    renderApp(ADDRESS);

    expect(await screen.findByText(/No part stands out/)).toBeVisible();
    expect(screen.queryByRole("list", { name: "Marks on the video" })).toBeNull();
  });
});

test("table has the same numbers as the charts", async () => {
  renderApp(ADDRESS);
  const timeline = within(await region("Along the video"));
  const rows = within(timeline.getByRole("table", { hidden: true }))
    .getAllByRole("row", { hidden: true })
    .slice(1)
    .map((row) => [...row.children].map(({ textContent }) => textContent));

  expect(rows[0]).toEqual(["0:00–2:30", "> 95 %", "180", "20", "90 %", "10 %"]);
  expect(rows[2]).toEqual(["5:00–7:30", "60 %", "105", "25", "60 %", "20 %"]);
  const [retention, plays] = timeline.getAllByRole("img");
  const area = retention?.querySelector("path")?.getAttribute("d") ?? "";
  const { curves } = service.analytics.video;
  for (const [part, share] of curves.retention.entries()) {
    expect(area).toContain(`${25 * (part + 0.5)},${100 - 100 * share}`);
  }
  const first = attributes(plays?.querySelectorAll('[data-series="first"]') ?? [], "height");
  const replays = attributes(plays?.querySelectorAll('[data-series="replays"]') ?? [], "height");
  expect(first.map((height) => Math.round(2 * height))).toEqual([180, 145, 105, 90]);
  expect(replays.map((height) => Math.round(2 * height))).toEqual(curves.replays);
});

test("totals of the video are shown with their units", async () => {
  renderApp(ADDRESS);
  const totals = await region("Totals");

  expect(totals).toHaveTextContent("Watch time20 h 0 min");
  expect(totals).toHaveTextContent("Average per viewer6:40");
  expect(totals).toHaveTextContent("Completion rate of viewers67 %");
});

test("watching records nothing", async () => {
  renderApp(ADDRESS);
  const video = await theVideo();
  set(video, { paused: false, currentTime: 599 });
  for (const event of ["play", "playing", "timeupdate", "pause"]) fire(video, event);
  await act(async () => window.dispatchEvent(new Event("pagehide")));

  expect(new Set(service.calls.map(({ method, path }) => `${method} ${path}`))).toEqual(
    new Set(["GET /api/catalog/courses/demo", "GET /api/progress/analytics/video/welcome"]),
  );
});

describe("a video without numbers", () => {
  test("is shown, and says that too few learners have watched it", async () => {
    service.analytics.video = aSuppressedVideo();
    renderApp(ADDRESS);

    expect(await screen.findByText(/Fewer than 5 of these learners have watched/)).toBeVisible();
    expect(await theVideo()).toBeVisible();
    expect(screen.queryByRole("img")).toBeNull();
  });

  test("that is not in the course says so", async () => {
    service.problem = { status: 404, code: "not_found", detail: "No." };
    renderApp(ADDRESS);

    expect(await screen.findByRole("alert")).toHaveTextContent("not in the course");
  });
});
