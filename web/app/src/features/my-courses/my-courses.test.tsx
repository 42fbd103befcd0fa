import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test } from "vitest";
import { aListedCourse, aTaughtCourse, FakeService } from "../../testing/fake-service";
import { fire, load, set, theVideo } from "../../testing/fake-video";
import { aToken, renderApp, signInAs } from "../../testing/render";

let service: FakeService;

beforeEach(() => {
  service = new FakeService();
});

const cards = () => within(screen.getByRole("list", { name: "My courses" }));

function courses(count: number) {
  return Array.from({ length: count }, (_, index) =>
    aListedCourse({ course_id: `course-${index}`, title: `Course ${index}` }),
  );
}

describe("a learner", () => {
  beforeEach(() => signInAs(aToken()));

  test("with several courses starts on their list, each with its progress", async () => {
    service.courses = [
      aListedCourse({
        overall_progress: 45.59,
        materials: { total: 10, completed: 4 },
        last_watched: new Date(Date.now() - 7_200_000).toISOString(),
      }),
      aListedCourse({ course_id: "other", title: "Another" }),
    ];
    renderApp("/");

    await screen.findByRole("heading", { level: 1, name: "My courses" });
    const ring = cards().getByRole("progressbar", { name: "Progress in Demo course" });
    expect(ring).toHaveAttribute("aria-valuetext", "45 %");
    expect(cards().getByText("4 of 10 done")).toBeVisible();
    expect(cards().getByText("Last watched 2 hours ago")).toBeVisible();
    expect(cards().getByText("Not started yet")).toBeVisible();
    expect(document.title).toBe("My courses · Progress");
    await userEvent.click(cards().getByRole("link", { name: "Demo course" }));
    expect(location.pathname).toBe("/courses/demo");
  });

  test("with one course starts on that course", async () => {
    renderApp("/");

    await screen.findByRole("heading", { level: 1, name: "Demo course" });
    expect(location.pathname).toBe("/courses/demo");
  });

  test("without a course sees an explanation and no error", async () => {
    service.courses = [];
    renderApp("/");

    expect(await screen.findByText("You are not in a course yet")).toBeVisible();
    expect(screen.queryByRole("alert")).toBeNull();
    expect(service.calls.filter(({ path }) => path.includes("demo"))).toEqual([]);
  });

  test("has a search for more than eight courses", async () => {
    service.courses = courses(8);
    const { unmount } = renderApp("/");
    await screen.findByText("8 courses");
    expect(screen.queryByRole("searchbox")).toBeNull();
    unmount();
    service.courses = courses(12);
    renderApp("/");

    await userEvent.type(await screen.findByRole("searchbox", { name: /Search/ }), "11 cour");

    expect(
      cards()
        .getAllByRole("link")
        .map(({ textContent }) => textContent),
    ).toEqual(["Course 11"]);
    expect(screen.getByText("1 course found")).toBeInTheDocument();
    await userEvent.type(screen.getByRole("searchbox"), " nothing");
    expect(screen.getByText(/None of your courses/)).toBeVisible();
  });
});

describe("a teacher", () => {
  beforeEach(() => signInAs(aToken({ studentId: "tom", role: "teacher" })));

  test("starts on the courses they teach, by title", async () => {
    service.taughtCourses = [
      aTaughtCourse({ course_id: "a", title: "Zoology", material_count: 1 }),
      aTaughtCourse(),
      aTaughtCourse({ course_id: "z", title: "astronomy" }),
    ];
    service.taughtCoursesPerPage = 1;
    renderApp("/");

    await screen.findByRole("heading", { level: 1, name: "Your courses" });
    const list = within(screen.getByRole("list", { name: "Your courses" }));
    const titles = list.getAllByRole("heading").map(({ textContent }) => textContent);
    expect(titles).toEqual(["astronomy", "Demo course", "Zoology"]);
    expect(list.getByText("1 material")).toBeVisible();
    expect(list.getByRole("link", { name: "Analytics of Zoology" })).toHaveAttribute(
      "href",
      "/courses/a/analytics",
    );
    expect(document.title).toBe("My courses · Progress");
    expect(new Set(service.calls.map(({ path }) => path))).toEqual(
      new Set(["/api/catalog/courses"]),
    );
  });

  test("has a search for more than eight courses", async () => {
    service.taughtCourses = Array.from({ length: 9 }, (_, index) =>
      aTaughtCourse({ course_id: `course-${index}`, title: `Course ${index}` }),
    );
    renderApp("/");

    await userEvent.type(await screen.findByRole("searchbox", { name: /Search/ }), "7");

    const list = within(screen.getByRole("list", { name: "Your courses" }));
    expect(list.getAllByRole("heading").map(({ textContent }) => textContent)).toEqual([
      "Course 7",
    ]);
  });

  test("without a course sees an explanation and no error", async () => {
    service.taughtCourses = [];
    renderApp("/");

    expect(await screen.findByText("You do not teach a course yet")).toBeVisible();
    expect(screen.queryByRole("alert")).toBeNull();
  });

  test("sees an error when the list cannot be loaded, and can try again", async () => {
    service.problem = { status: 503, code: "unavailable", detail: "No." };
    renderApp("/");
    expect(await screen.findByRole("alert", {}, { timeout: 20_000 })).toBeVisible();

    service.problem = null;
    await userEvent.click(screen.getByRole("button", { name: /again/i }));

    expect(await screen.findByRole("link", { name: "Demo course" })).toBeVisible();
  }, 30_000);

  test("sees a course as its learners do", async () => {
    renderApp("/");

    await userEvent.click(await screen.findByRole("link", { name: "Demo course" }));

    expect(await screen.findByRole("heading", { level: 1, name: "Demo course" })).toBeVisible();
    expect(screen.getByText(/Nothing you watch here is recorded/)).toBeVisible();
    expect(screen.queryByRole("alert")).toBeNull();
    expect(screen.queryByRole("button", { name: /Mark as done/ })).toBeNull();
    await userEvent.click(screen.getByRole("link", { name: "Progress" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Your courses" })).toBeVisible();
  });

  test("watches a video without any request except for the course", async () => {
    renderApp("/courses/demo");
    await userEvent.click(await screen.findByRole("button", { name: "Play Welcome" }));
    const video = await theVideo();
    load(video);
    set(video, { paused: false });
    fire(video, "play");
    video.currentTime = 599;
    fire(video, "timeupdate");
    set(video, { paused: true });
    fire(video, "pause");
    await userEvent.click(screen.getByRole("button", { name: "Close video" }));

    await waitFor(() => expect(screen.queryByLabelText("Welcome")).toBeNull());
    expect(screen.queryByRole("alert")).toBeNull();
    expect(new Set(service.calls.map(({ path }) => path))).toEqual(
      new Set(["/api/catalog/courses/demo"]),
    );
  });

  test("sees an error for a course of another teacher", async () => {
    service.problem = { status: 403, code: "not_teacher", detail: "No." };
    renderApp("/courses/demo");

    expect(await screen.findByRole("alert")).toHaveTextContent("You do not teach this course");
  });
});
