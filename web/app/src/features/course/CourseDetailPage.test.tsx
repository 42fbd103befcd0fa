import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test } from "vitest";
import { aStatus, FakeService } from "../../testing/fake-service";
import { load, pauseAt, theVideo } from "../../testing/fake-video";
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
    expect(entry.getByRole("progressbar")).toHaveAttribute("aria-valuenow", "21");
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
});

describe("a video", () => {
  test("opens from the list, has an address, and closes back to its button", async () => {
    await openCourse();

    await userEvent.click(screen.getByRole("button", { name: "Play Welcome" }));
    load(await theVideo());
    expect(location.pathname).toBe("/courses/demo/videos/welcome");

    await userEvent.click(screen.getByRole("button", { name: "Close video" }));
    expect(location.pathname).toBe("/courses/demo");
    expect(screen.getByRole("button", { name: "Play Welcome" })).toHaveFocus();
  });

  test("moves its bars in the lists as soon as a report is stored", async () => {
    await openCourse();
    await userEvent.click(screen.getByRole("button", { name: "Play Welcome" }));
    const video = await theVideo();
    load(video);

    pauseAt(video, 300);

    expect(await modules().findByText("5 minutes watched")).toBeVisible();
    expect(row("Welcome").getByRole("tooltip", { hidden: true })).toHaveTextContent(
      "5:00 of 10:00",
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
