import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { aStatus, FakeService } from "../../testing/fake-service";
import { load, pauseAt, say, set, theVideo } from "../../testing/fake-video";
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
  const list = screen.getByRole("list", { name: "Materials" });
  const found = within(list)
    .getAllByRole("listitem")
    .find((item) => within(item).queryByText(title));
  if (!found) throw new Error(`no row ${title}`);
  return within(found);
};

test("the page is read with one batch for all its videos", async () => {
  await openCourse();

  expect(service.callsTo("/videos/batch").map(({ body }) => body)).toEqual([
    { video_ids: ["welcome", "state"] },
  ]);
  expect(service.callsTo("/status")).toEqual([]);
});

describe("the module list", () => {
  test("shows a mini bar and the minutes watched", async () => {
    await openCourse();

    const entry = within(modules().getByRole("button", { name: /Welcome/ }));
    expect(entry.getByRole("progressbar")).toHaveAttribute("aria-valuenow", "20");
    expect(entry.getByText("2 minutes watched")).toBeVisible();
  });

  test("shows neither for a video without progress", async () => {
    await openCourse();

    const entry = within(modules().getByRole("button", { name: /State/ }));
    expect(entry.queryByRole("progressbar")).toBeNull();
    expect(entry.queryByText(/watched/)).toBeNull();
  });

  test("groups the materials in course order", async () => {
    await openCourse();

    const headings = modules().getAllByRole("heading", { level: 3 });
    expect(headings.map((heading) => heading.textContent)).toEqual([
      "Start here",
      "Building blocks",
    ]);
  });
});

describe("the material list", () => {
  test("tells the exact time watched", async () => {
    await openCourse();

    expect(row("Welcome").getByRole("tooltip", { hidden: true })).toHaveTextContent(
      "2:05 of 10:00 watched",
    );
    expect(row("Welcome").getByRole("button")).toHaveAccessibleDescription("2:05 of 10:00 watched");
  });

  test("knows the length of a video nobody has opened", async () => {
    await openCourse();

    expect(row("State").getByText("Video · 10:00")).toBeVisible();
    expect(row("State").getByRole("progressbar")).toHaveAttribute("aria-valuenow", "0");
  });

  test("ticks what is completed and nothing else", async () => {
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

  test("lets a reading be marked and unmarked by hand", async () => {
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

  test("says what was marked, and leaves the keyboard at the button", async () => {
    await openCourse();
    const button = screen.getByRole("button", { name: "Mark as done: Reading list" });

    await userEvent.click(button);
    await screen.findByText("Reading list is marked as done.");
    expect(button).toHaveFocus();
    await userEvent.click(button);

    await screen.findByText("Reading list is not marked as done any more.");
    expect(button).toHaveFocus();
  });

  test("opens a video by a click on its bar too", async () => {
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

  test("has the keyboard again when the video it opened is closed", async () => {
    service.cards = [{ ...card, course_id: "demo" }];
    await openCourse();

    await userEvent.click(shelf().getByRole("button", { name: "Continue with Welcome" }));
    await theVideo();
    await userEvent.click(screen.getByRole("button", { name: "Close video" }));

    await waitFor(() =>
      expect(shelf().getByRole("button", { name: "Continue with Welcome" })).toHaveFocus(),
    );
  });

  test("has it when a card is put back", async () => {
    service.cards = [{ ...card, course_id: "demo" }];
    await openCourse();

    await userEvent.click(shelf().getByRole("button", { name: "Take Welcome off this list" }));
    await userEvent.click(shelf().getByRole("button", { name: "Undo" }));

    const opener = await shelf().findByRole("button", { name: "Continue with Welcome" });
    await waitFor(() => expect(opener).toHaveFocus());
  });

  test("names the courses it knows when there are several", async () => {
    service.cards = [
      { ...card, course_id: "demo" },
      { ...card, course_id: "unknown", title: "Elsewhere" },
    ];
    await openCourse();

    expect(shelf().getByText("Go on · Demo course")).toBeVisible();
    expect(shelf().getByText("Go on")).toBeVisible();
  });

  test("names no course when there is one", async () => {
    service.cards = [{ ...card, course_id: "demo" }];
    await openCourse();

    expect(shelf().getByText("Go on")).toBeVisible();
  });
});

describe("a video", () => {
  test("opens from the list, has an address, and closes back to its button", async () => {
    await openCourse();

    await userEvent.click(screen.getByRole("button", { name: "Play Welcome" }));
    load(await theVideo());
    expect(location.pathname).toBe("/courses/demo/videos/welcome");

    await userEvent.click(screen.getByRole("button", { name: "Close video" }));
    expect(location.pathname).toBe("/courses/demo");
    await waitFor(() => expect(screen.getByRole("button", { name: "Play Welcome" })).toHaveFocus());
  });

  test("closes back to its entry of the module list when that opened it", async () => {
    await openCourse();
    const entry = modules().getByRole("button", { name: /Welcome/ });

    await userEvent.click(entry);
    await theVideo();
    await userEvent.keyboard("{Escape}");

    await waitFor(() => expect(entry).toHaveFocus());
  });

  test("plays when it was asked for, and is said to while it does", async () => {
    await openCourse();
    await userEvent.click(screen.getByRole("button", { name: "Play Welcome" }));
    const video = await theVideo();
    expect(row("Welcome").getByText("Open · 10:00")).toBeVisible();
    const play = vi.spyOn(video, "play").mockResolvedValue();

    load(video);
    expect(play).toHaveBeenCalledOnce();
    set(video, { paused: false });
    say(video, "play");

    expect(await row("Welcome").findByText("Playing · 10:00")).toBeVisible();
    set(video, { paused: true });
    say(video, "pause");
    expect(await row("Welcome").findByText("Open · 10:00")).toBeVisible();
  });

  test("stands still when its address was opened", async () => {
    renderApp("/courses/demo/videos/welcome");
    const video = await theVideo();
    const play = vi.spyOn(video, "play");

    load(video);

    expect(play).not.toHaveBeenCalled();
  });

  test("moves its bars in the lists as soon as a report is stored", async () => {
    await openCourse();
    await userEvent.click(screen.getByRole("button", { name: "Play Welcome" }));
    const video = await theVideo();
    load(video);

    pauseAt(video, 300);

    expect(await modules().findByText("5 minutes watched")).toBeVisible();
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
])("a %i says what to do", async (status, remedy) => {
  service.problem = { status, code: "no", detail: "No." };
  renderApp("/courses/demo");

  expect(await screen.findByRole("alert")).toHaveTextContent(remedy);
});

test("trying again after a problem loads the page", async () => {
  service.problem = { status: 404, code: "no", detail: "No." };
  renderApp("/courses/demo");
  const again = await screen.findByRole("button", { name: "Try again" });
  service.problem = null;

  await userEvent.click(again);

  expect(await screen.findByRole("heading", { level: 1, name: "Demo course" })).toBeVisible();
});

test("what was known last is shown as such when the service has trouble, until it answers", async () => {
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
