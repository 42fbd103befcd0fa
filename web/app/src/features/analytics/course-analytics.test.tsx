import { act, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { aCourseAnalytics, aSuppressedCourse } from "../../testing/fake-analytics";
import { FakeService } from "../../testing/fake-service";
import { aToken, renderApp, signInAs } from "../../testing/render";

const ADDRESS = "/courses/demo/analytics";

let service: FakeService;

beforeEach(() => {
  service = new FakeService();
  signInAs(aToken({ studentId: "tom", role: "teacher" }));
});

afterEach(() => {
  vi.useRealTimers();
});

const region = (name: string) => screen.findByRole("region", { name });
const videos = async () => within(await screen.findByRole("table", { name: "Videos" }));
const titles = async () =>
  (await videos()).getAllByRole("link").map(({ textContent }) => textContent);

function cellsOf(table: HTMLElement): string[][] {
  return within(table)
    .getAllByRole("row", { hidden: true })
    .slice(1)
    .map((row) => [...row.children].map(({ textContent }) => textContent ?? ""));
}

const heightsOf = (chart: HTMLElement) =>
  [...chart.querySelectorAll("rect")].map((bar) => Number(bar.getAttribute("height")));

describe("the course", () => {
  test("opens from the start page, with its learners and the last 7 days", async () => {
    renderApp("/");
    await userEvent.click(await screen.findByRole("link", { name: "Analytics of Demo course" }));

    const learners = await region("Learners");
    expect(location.pathname).toBe(ADDRESS);
    expect(learners).toHaveTextContent("Enrolled200");
    expect(learners).toHaveTextContent("Started a video18593 % of those enrolled");
    expect(await region("The last 7 days")).toHaveTextContent("Watched a video90");
    expect(document.title).toBe("Analytics: Demo course · Progress");
  });

  test("says why its numbers are rounded", async () => {
    const { unmount } = renderApp(ADDRESS);
    expect(await screen.findByText(/rounded to multiples of 5/)).toBeVisible();
    unmount();
    service.analytics.course = aCourseAnalytics({ min_learners: 1 });
    renderApp(ADDRESS);
    expect(await screen.findByText(/Every number is exact/)).toBeVisible();
  });

  test("has a table with the same numbers as each chart", async () => {
    renderApp(ADDRESS);

    const progress = within(await region("How far learners are"));
    const rows = cellsOf(progress.getByRole("table", { hidden: true }));
    expect(rows[9]).toEqual(["90–100 %", "45"]);
    const heights = heightsOf(progress.getByRole("img"));
    const [most] = heights.slice(-1);
    expect(heights.map((height) => Math.round((45 * height) / (most ?? 0)))).toEqual(
      rows.map(([, learners]) => Number(learners)),
    );

    const days = within(await region("Completions per day"));
    expect(cellsOf(days.getByRole("table", { hidden: true }))).toEqual([
      ["Nov 19, 2026", "15"],
      ["Nov 21, 2026", "25"],
    ]);
    const [first = 0, none, last = 0] = heightsOf(days.getByRole("img"));
    expect(none).toBe(0);
    expect(first / last).toBeCloseTo(15 / 25);
  });

  test("lists its videos, sorted by the chosen column", async () => {
    renderApp(ADDRESS);
    expect(await titles()).toEqual(["Welcome", "State"]);

    await userEvent.click((await videos()).getByRole("button", { name: /Viewers/ }));

    expect(await titles()).toEqual(["State", "Welcome"]);
    expect((await videos()).getByRole("columnheader", { name: /Viewers/ })).toHaveAttribute(
      "aria-sort",
      "descending",
    );
    expect((await videos()).getAllByText("7:40 (12 left)")).toHaveLength(2);
    await userEvent.click((await videos()).getByRole("link", { name: "State" }));
    expect(location.pathname).toBe(`${ADDRESS}/videos/state`);
  });

  test("keeps the chosen cohort on the pages of its videos", async () => {
    service.analytics.course = aCourseAnalytics({ cohorts: ["2026-W46", "2026-W47"] });
    renderApp(ADDRESS);

    await userEvent.selectOptions(await screen.findByLabelText("Group of learners"), [
      "Enrolled in week 47 of 2026",
    ]);

    expect(service.analytics.requested.at(-1)).toBe(
      "/api/progress/analytics/course/demo?cohort=2026-W47",
    );
    expect((await videos()).getByRole("link", { name: "Welcome" })).toHaveAttribute(
      "href",
      `${ADDRESS}/videos/welcome?cohort=2026-W47`,
    );
  });

  test("has each table as a file", async () => {
    const saved: Blob[] = [];
    vi.spyOn(URL, "createObjectURL").mockImplementation((file) => {
      saved.push(file as Blob);
      return "blob:file";
    });
    const names: string[] = [];
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (
      this: HTMLAnchorElement,
    ) {
      names.push(this.download);
    });
    renderApp(ADDRESS);

    await userEvent.click(await screen.findByRole("button", { name: "Download CSV: Videos" }));

    await vi.waitFor(() => expect(names).toEqual(["demo-materials.csv"]));
    expect(await saved[0]?.text()).toBe(service.analytics.csv);
    expect(service.analytics.requested.at(-1)).toBe(
      "/api/progress/analytics/course/demo?table=materials",
    );
  });

  test("says that a file could not be downloaded", async () => {
    renderApp(ADDRESS);
    const button = await screen.findByRole("button", { name: "Download CSV: Videos" });
    service.problem = { status: 500, code: "internal", detail: "No." };

    await userEvent.click(button);

    expect(await screen.findByText(/The file could not be downloaded/)).toBeVisible();
  });
});

describe("a course without numbers", () => {
  test("says that too few learners have started", async () => {
    service.analytics.course = aSuppressedCourse();
    renderApp(ADDRESS);

    expect(await screen.findByText(/Fewer than 5 of these learners have started/)).toBeVisible();
    expect((await videos()).getByText("Too few viewers")).toBeVisible();
    expect(screen.queryByRole("img")).toBeNull();
  });

  test("says that nobody is enrolled, or that it has no video", async () => {
    service.analytics.course = aCourseAnalytics({
      min_learners: 1,
      learners: { enrolled: 0, started: 0, completed: 0 },
      materials: [],
    });
    renderApp(ADDRESS);

    expect(await screen.findByText(/Nobody is enrolled/)).toBeVisible();
    expect(screen.getByText(/no video in this course/)).toBeVisible();
  });

  test.each([
    [403, "not_teacher", "You do not teach this course"],
    [404, "not_found", "This course does not exist"],
    [422, "invalid", "The service did not accept this"],
  ])("with %d %s says what is wrong", async (status, code, text) => {
    service.problem = { status, code, detail: "No." };
    renderApp(ADDRESS);

    expect(await screen.findByRole("alert")).toHaveTextContent(text);
  });
});

describe("a service that fails", () => {
  const pass = (seconds: number) => act(() => vi.advanceTimersByTimeAsync(seconds * 1000));

  beforeEach(() => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
  });

  test("leaves the last numbers on the page, which is read again every 30 s", async () => {
    renderApp(ADDRESS);
    expect(await region("Learners")).toHaveTextContent("Enrolled200");
    service.problem = { status: 503, code: "unavailable", detail: "No." };

    await pass(45);

    expect(screen.getByRole("alert")).toHaveTextContent("You see what was known last");
    expect(await region("Learners")).toHaveTextContent("Enrolled200");
    service.problem = null;
    service.analytics.course = aCourseAnalytics({
      learners: { enrolled: 205, started: 185, completed: 40 },
    });
    await pass(10);
    expect(await region("Learners")).toHaveTextContent("Enrolled205");
    expect(screen.queryByRole("alert")).toBeNull();
  });

  test("is not asked while the page is hidden", async () => {
    renderApp(ADDRESS);
    await region("Learners");
    const before = service.analytics.requested.length;
    vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");

    await pass(95);

    expect(service.analytics.requested).toHaveLength(before);
  });

  test("has no numbers at first, and shows them as soon as there are some", async () => {
    service.problem = { status: 503, code: "unavailable", detail: "No." };
    renderApp(ADDRESS);
    await pass(10);
    expect(screen.getByRole("alert")).toHaveTextContent("computing the first ones");

    service.problem = null;
    await pass(10);

    expect(await region("Learners")).toHaveTextContent("Enrolled200");
  });
});

test("learner does not see the analytics, nor requests them", async () => {
  signInAs(aToken());
  renderApp(ADDRESS);

  expect(await screen.findByRole("alert")).toHaveTextContent("for the teachers of the course");
  expect(service.analytics.requested).toEqual([]);
});
