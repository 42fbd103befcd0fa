import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { Material } from "progress-service-api-client";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { aFrame, aListedCourse, aStatus, FakeService } from "../../testing/fake-service";
import { fire, load, pauseAt, set, theVideo } from "../../testing/fake-video";
import { aToken, renderApp, signInAs } from "../../testing/render";

let service: FakeService;

beforeEach(() => {
  service = new FakeService();
  service.statuses.welcome = aStatus({
    watch_time: 125.5,
    total_duration: 600,
    progress_percentage: 20.92,
  });
  signInAs(aToken());
});

async function openCourse() {
  renderApp("/courses/demo");
  await screen.findByRole("heading", { level: 1, name: "Demo course" });
}

const modules = () => within(screen.getByRole("navigation", { name: "Modules" }));
const row = (title: string) => {
  const found = screen
    .getAllByRole("list", { name: /^Materials/ })
    .flatMap((list) => within(list).getAllByRole("listitem"))
    .find((item) => within(item).queryByText(title));
  if (!found) throw new Error(`no row ${title}`);
  return within(found);
};

test("page reads all statuses with one batch", async () => {
  await openCourse();

  expect(service.callsTo("/videos/batch").map(({ body }) => body)).toEqual([
    { video_ids: ["welcome", "state"] },
  ]);
  expect(service.callsTo("/status")).toEqual([]);
});

describe("modules", () => {
  test("show the minutes watched of started videos only", async () => {
    await openCourse();

    expect(row("Welcome").getByText("2 minutes watched")).toBeVisible();
    expect(row("Welcome").getByRole("progressbar")).toHaveAttribute("aria-valuenow", "20");
    expect(row("State").queryByText(/minutes? watched/)).toBeNull();
  });

  test("are in course order, each with its progress", async () => {
    service.completedIds = ["welcome"];
    await openCourse();

    const headings = modules().getAllByRole("heading", { level: 3 });
    expect(headings.map((heading) => heading.textContent)).toEqual([
      "Start here1 of 2 done",
      "Building blocks0 of 1 done",
    ]);
  });

  test("can be folded, and stay folded while the window is open", async () => {
    await openCourse();
    const fold = () => modules().getByRole("button", { name: /^Building blocks/ });

    await userEvent.click(fold());

    expect(fold()).toHaveAttribute("aria-expanded", "false");
    expect(screen.queryByRole("button", { name: "Play State" })).toBeNull();
    cleanup();
    await openCourse();
    expect(fold()).toHaveAttribute("aria-expanded", "false");
    await userEvent.click(fold());
    expect(screen.getByRole("button", { name: "Play State" })).toBeVisible();
  });

  test("of a long course are folded when they are completed", async () => {
    const [welcome, reading] = service.course.materials as [Material, Material];
    const many = Array.from({ length: 40 }, (_, index) => ({
      ...welcome,
      material_id: `video-${index}`,
      title: `Video ${index}`,
      module: index < 20 ? "First half" : "Second half",
    }));
    service.course = { ...service.course, materials: [...many, reading] };
    service.completedIds = many.slice(0, 20).map(({ material_id }) => material_id);
    await openCourse();

    const first = modules().getByRole("button", { name: "First half 20 of 20 done" });
    expect(first).toHaveAttribute("aria-expanded", "false");
    expect(screen.getByRole("button", { name: "Play Video 20" })).toBeVisible();
    expect(service.callsTo("/videos/batch")).toHaveLength(1);
    expect(service.callsTo("/status")).toEqual([]);
  });
});

test("time left of the open videos is shown", async () => {
  service.completedIds = ["state"];
  await openCourse();

  // 600 s, of which 125.5 were watched.
  expect(screen.getByText("8 min of video left")).toBeVisible();
});

test("tab title has the video, then the course", async () => {
  await openCourse();
  expect(document.title).toBe("Demo course · Progress");

  await userEvent.click(screen.getByRole("button", { name: "Play Welcome" }));
  await theVideo();

  expect(document.title).toBe("Welcome · Demo course · Progress");
});

test("mark without a network is shown as waiting, and sent when there is one", async () => {
  await openCourse();
  service.setOnline(false);

  await userEvent.click(screen.getByRole("button", { name: "Mark as done: Reading list" }));

  expect(await row("Reading list").findByText("Waiting for a connection")).toBeVisible();
  expect(row("Reading list").getByText("Completed")).toBeVisible();
  expect(screen.getByRole("status", { name: "Saving" })).toHaveTextContent("Offline · 1");
  cleanup();
  service.setOnline(true);
  await openCourse();

  await screen.findByText("1 of 3 done");
  expect(service.callsTo("/reading-list/complete").map(({ method }) => method)).toEqual(["POST"]);
  await waitFor(() => expect(screen.queryByText("Waiting for a connection")).toBeNull());
});

test("rejected mark is removed", async () => {
  await openCourse();
  service.problem = { status: 403, code: "not_enrolled", detail: "No." };

  await userEvent.click(screen.getByRole("button", { name: "Mark as done: Reading list" }));

  expect(await row("Reading list").findByRole("alert")).toHaveTextContent("could not be saved");
  expect(row("Reading list").queryByText("Completed")).toBeNull();
});

describe("the material list", () => {
  test("shows the exact time watched", async () => {
    await openCourse();

    expect(row("Welcome").getByRole("tooltip", { hidden: true })).toHaveTextContent(
      "2:05 of 10:00 watched",
    );
    expect(row("Welcome").getByRole("button")).toHaveAccessibleDescription("2:05 of 10:00 watched");
  });

  test("shows the length of a video that was never opened", async () => {
    await openCourse();

    expect(row("State").getByText("Video · 10:00")).toBeVisible();
    expect(row("State").getByRole("progressbar")).toHaveAttribute("aria-valuenow", "0");
  });

  test("has a tick at completed materials only", async () => {
    service.completedIds = ["state"];
    await openCourse();

    expect(row("State").getByText("Completed")).toBeVisible();
    expect(row("Welcome").queryByText("Completed")).toBeNull();
    expect(screen.getByText("1 of 3 done")).toBeVisible();
    expect(screen.getByRole("progressbar", { name: "Course progress" })).toHaveAttribute(
      "aria-valuetext",
      "33.3 %",
    );
  });

  test("marks a reading as done and as not done", async () => {
    await openCourse();

    await userEvent.click(screen.getByRole("button", { name: "Mark as done: Reading list" }));
    await screen.findByText("1 of 3 done");
    await userEvent.click(screen.getByRole("button", { name: "Mark as not done: Reading list" }));
    await screen.findByText("0 of 3 done");

    expect(service.callsTo("/reading-list/complete").map(({ method }) => method)).toEqual([
      "POST",
      "DELETE",
    ]);
  });

  test("announces a mark, and keeps the focus on the button", async () => {
    await openCourse();
    const button = screen.getByRole("button", { name: "Mark as done: Reading list" });

    await userEvent.click(button);
    await screen.findByText("Reading list is marked as done.");
    expect(button).toHaveFocus();
    await userEvent.click(button);

    await screen.findByText("Reading list is no longer marked as done.");
    expect(button).toHaveFocus();
  });

  test("opens a video by a click on its bar", async () => {
    await openCourse();

    await userEvent.click(row("Welcome").getByRole("progressbar"));

    await theVideo();
    expect(location.pathname).toBe("/courses/demo/videos/welcome");
  });
});

describe("the shelf", () => {
  const card = {
    material_id: "welcome",
    title: "Welcome",
    reason: "in_progress",
    watch_time: 125.5,
    total_duration: 600,
    progress_percentage: 20.92,
    last_watched: "2026-01-01T00:00:00Z",
  } as const;
  const shelf = () => within(screen.getByRole("list", { name: "Continue watching" }));

  test("receives the focus when its video is closed", async () => {
    service.cards = [{ ...card, course_id: "demo" }];
    await openCourse();

    await userEvent.click(shelf().getByRole("button", { name: "Continue with Welcome" }));
    await theVideo();
    await userEvent.click(screen.getByRole("button", { name: "Close video" }));

    await waitFor(() =>
      expect(shelf().getByRole("button", { name: "Continue with Welcome" })).toHaveFocus(),
    );
  });

  test("receives the focus when a card is restored", async () => {
    service.cards = [{ ...card, course_id: "demo" }];
    await openCourse();

    await userEvent.click(shelf().getByRole("button", { name: "Take Welcome off this list" }));
    await userEvent.click(shelf().getByRole("button", { name: "Undo" }));

    const opener = await shelf().findByRole("button", { name: "Continue with Welcome" });
    await waitFor(() => expect(opener).toHaveFocus());
  });

  test("names the course of each card, opened here or not", async () => {
    service.courses = [aListedCourse(), aListedCourse({ course_id: "other", title: "Another" })];
    service.cards = [
      { ...card, course_id: "demo" },
      { ...card, course_id: "other", title: "Elsewhere" },
    ];
    await openCourse();

    expect(shelf().getByText("Demo course")).toBeVisible();
    expect(await shelf().findByText("Another")).toBeVisible();
  });

  test("does not replace a card while it is hovered", async () => {
    service.cards = [{ ...card, course_id: "demo" }];
    await openCourse();
    await userEvent.hover(shelf().getByRole("button", { name: "Continue with Welcome" }));
    service.cards = [{ ...card, course_id: "demo", material_id: "state", title: "State" }];
    const before = service.callsTo("/continue-watching").length;

    await service.push(aFrame());

    await waitFor(
      () => expect(service.callsTo("/continue-watching").length).toBeGreaterThan(before),
      { timeout: 5000 },
    );
    await act(async () => {});
    expect(shelf().getByRole("button", { name: "Continue with Welcome" })).toBeVisible();
    await userEvent.hover(screen.getByRole("heading", { level: 1 }));
    expect(await shelf().findByRole("button", { name: "Continue with State" })).toBeVisible();
  });
});

describe("an open video", () => {
  test("has an address, and returns the focus to its button", async () => {
    await openCourse();

    await userEvent.click(screen.getByRole("button", { name: "Play Welcome" }));
    load(await theVideo());
    expect(location.pathname).toBe("/courses/demo/videos/welcome");

    await userEvent.click(screen.getByRole("button", { name: "Close video" }));
    expect(location.pathname).toBe("/courses/demo");
    await waitFor(() => expect(screen.getByRole("button", { name: "Play Welcome" })).toHaveFocus());
  });

  test("plays when it was opened from the list, and is marked as playing", async () => {
    await openCourse();
    await userEvent.click(screen.getByRole("button", { name: "Play Welcome" }));
    const video = await theVideo();
    expect(row("Welcome").getByText("Open · 10:00")).toBeVisible();
    const play = vi.spyOn(video, "play").mockResolvedValue();

    load(video);
    expect(play).toHaveBeenCalledOnce();
    set(video, { paused: false });
    fire(video, "play");

    expect(await row("Welcome").findByText("Playing · 10:00")).toBeVisible();
    set(video, { paused: true });
    fire(video, "pause");
    expect(await row("Welcome").findByText("Open · 10:00")).toBeVisible();
  });

  test("does not play when it was opened by its address", async () => {
    renderApp("/courses/demo/videos/welcome");
    const video = await theVideo();
    const play = vi.spyOn(video, "play");

    load(video);

    expect(play).not.toHaveBeenCalled();
  });

  test("updates its row as soon as a report is stored", async () => {
    await openCourse();
    await userEvent.click(screen.getByRole("button", { name: "Play Welcome" }));
    const video = await theVideo();
    load(video);

    pauseAt(video, 300);

    expect(await row("Welcome").findByText("5 minutes watched")).toBeVisible();
    await waitFor(() =>
      expect(row("Welcome").getByRole("tooltip", { hidden: true })).toHaveTextContent(
        "5:00 of 10:00",
      ),
    );
    expect(service.callsTo("/videos/batch")).toHaveLength(1);
  });

  test("refreshes the page when it is closed", async () => {
    await openCourse();
    await userEvent.click(screen.getByRole("button", { name: "Play Welcome" }));
    load(await theVideo());

    await userEvent.click(screen.getByRole("button", { name: "Close video" }));

    await waitFor(() => expect(service.callsTo("/videos/batch")).toHaveLength(2));
  });
});

test.each([
  [403, "Ask your teacher"],
  [404, "Check the address"],
])("response %i shows a remedy", async (status, remedy) => {
  service.problem = { status, code: "no", detail: "No." };
  renderApp("/courses/demo");

  expect(await screen.findByRole("alert")).toHaveTextContent(remedy);
});

test("retry after a problem loads the page", async () => {
  service.problem = { status: 404, code: "no", detail: "No." };
  renderApp("/courses/demo");
  const again = await screen.findByRole("button", { name: "Try again" });
  service.problem = null;

  await userEvent.click(again);

  expect(await screen.findByRole("heading", { level: 1, name: "Demo course" })).toBeVisible();
});

test("stored data is marked as such while the service fails", async () => {
  const { unmount } = renderApp("/courses/demo");
  await screen.findByRole("heading", { level: 1, name: "Demo course" });
  window.dispatchEvent(new Event("pagehide"));
  unmount();
  service.problem = { status: 503, code: "unavailable", detail: "No." };

  renderApp("/courses/demo");
  const notice = await screen.findByRole("alert", {}, { timeout: 8000 });
  expect(notice).toHaveTextContent("You see what was known last");
  expect(screen.getByRole("heading", { level: 1, name: "Demo course" })).toBeVisible();
  service.problem = null;
  const again = within(notice).getByRole("button", { name: "Try again" });
  await waitFor(() => expect(again).not.toHaveAttribute("aria-disabled"), { timeout: 8000 });
  await userEvent.click(again);

  await waitFor(() => expect(screen.queryByRole("alert")).toBeNull(), { timeout: 8000 });
  await waitFor(() => expect(screen.getByRole("main")).toHaveFocus());
}, 20_000);
