import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { indexedDbStore } from "progress-service-tracker";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { FakeService } from "../../testing/fake-service";
import { aToken, renderApp, signInAs } from "../../testing/render";

let service: FakeService;

beforeEach(() => {
  service = new FakeService();
  signInAs(aToken());
});

const region = (name: string) => screen.findByRole("region", { name });
const button = (name: string) => screen.findByRole("button", { name });

/** The files that the page has saved, as texts. */
function savedFiles(): Blob[] {
  const files: Blob[] = [];
  vi.spyOn(URL, "createObjectURL").mockImplementation((file) => {
    files.push(file as Blob);
    return "blob:file";
  });
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => {});
  return files;
}

async function storeReport(accountId: string, id: string): Promise<void> {
  const report = {
    watch_time: 40,
    total_duration: 600,
    observed_at: "2026-11-22T10:30:00.000Z",
    kind: "heartbeat" as const,
    device_id: "laptop",
    session_id: id,
    played: [],
    played_seconds: 40,
  };
  await indexedDbStore().put({ accountId, id, sessionId: id, videoId: "welcome", report });
}

describe("what is stored", () => {
  test("is reached from the header, and counted in plain words", async () => {
    renderApp("/courses/demo");

    await userEvent.click(await screen.findByRole("link", { name: "Your data" }));

    const held = await region("What is stored about you");
    await waitFor(() => expect(held).toHaveTextContent("2 videos and readings"));
    expect(document.title).toBe("Your data · Progress");
    expect(
      within(held)
        .getAllByRole("listitem")
        .map((row) => row.textContent),
    ).toEqual([
      "1 course you are in, with your progress and when you were last active",
      "2 videos and readings, with where you are, which parts you have seen and when",
      "1 of them completed, with the time",
      "3 visits to your videos, with when and what you played",
      "2 devices, each with a random name and your last place on it",
      "1 message to other systems of your school about what you completed",
    ]);
    for (const name of ["watch_progress", "enrollment", "session_id", "watch_time"]) {
      expect(document.body).not.toHaveTextContent(name);
    }
  });

  test("of a new learner is nothing", async () => {
    service.privacy.lines = [];
    renderApp("/your-data");

    expect(await screen.findByText("Nothing is stored about you.")).toBeVisible();
  });

  test("is downloaded as one file", async () => {
    const files = savedFiles();
    renderApp("/your-data");

    await userEvent.click(await button("Download all of it"));

    expect(await screen.findByText("The file was saved.")).toBeVisible();
    const lines = (await files[0]?.text())?.trim().split("\n") ?? [];
    expect(JSON.parse(lines.at(-1) ?? "")).toEqual({ kind: "end", lines: 6 });
  });

  test("is not saved when the file was cut off", async () => {
    const files = savedFiles();
    renderApp("/your-data");
    await screen.findByText(/2 videos and readings/);
    service.privacy.isCutOff = true;

    await userEvent.click(await button("Download all of it"));

    expect(await screen.findByText(/did not arrive complete, so it was not saved/)).toBeVisible();
    expect(files).toEqual([]);
    service.privacy.isCutOff = false;
    await userEvent.click(await button("Download all of it"));
    await waitFor(() => expect(files).toHaveLength(1));
    expect(screen.queryByText(/did not arrive complete/)).toBeNull();
  });

  test("cannot be read while the service is out of reach, which is said with the remedy", async () => {
    service.setOnline(false);
    renderApp("/your-data");

    const held = await region("What is stored about you");
    await waitFor(() => expect(held).toHaveTextContent("The service cannot be reached"));
    expect(await region("What this browser holds")).toBeVisible();
    service.setOnline(true);
    await waitFor(() => expect(held).toHaveTextContent("2 videos and readings"));
  });
});

describe("the history", () => {
  test("is paused and resumed with one button", async () => {
    renderApp("/your-data");
    const history = await region("History");
    await waitFor(() => expect(history).toHaveTextContent("Your history is on."));

    await userEvent.click(await button("Pause history"));

    await waitFor(() => expect(history).toHaveTextContent("Only what you complete is stored"));
    expect(service.privacy.history).toBe("paused");
    await userEvent.click(await button("Resume history"));
    await waitFor(() => expect(history).toHaveTextContent("Your history is on."));
  });

  test("that could not be changed stays as it was", async () => {
    renderApp("/your-data");
    await button("Pause history");
    service.problem = { status: 503, code: "unavailable", detail: "" };

    await userEvent.click(await button("Pause history"));

    const history = await region("History");
    expect(await within(history).findByRole("alert")).toHaveTextContent("Try again");
    expect(await button("Pause history")).toBeVisible();
  });
});

describe("this browser", () => {
  test("is listed and cleared, and the learner stays signed in", async () => {
    service.unresponsivePath = "/events";
    await storeReport("ana", "session-1");
    await storeReport("ben", "session-2");
    localStorage.setItem("progress.player", "{}");
    localStorage.setItem("progress.marks.ana", JSON.stringify({ state: true }));
    service.unresponsivePath = "/complete";
    service.rejection = { code: "not_enrolled", detail: "", retry: true };
    renderApp("/your-data");
    const device = await region("What this browser holds");
    await waitFor(() => expect(device).toHaveTextContent("2 reports of what you watched are not"));
    expect(device).toHaveTextContent("Your settings of the player");

    await userEvent.click(await button("Clear this browser, and lose 2 reports"));

    expect(await within(device).findByText("This browser was cleared.")).toBeVisible();
    expect(device).not.toHaveTextContent("not saved yet");
    const entries = await Promise.all(["ana", "ben"].map((id) => indexedDbStore().all(id)));
    expect(entries.map(({ length }) => length)).toEqual([0, 1]);
    expect(localStorage.getItem("progress.player")).toBeNull();
    expect(localStorage.getItem("progress.marks.ana")).toBeNull();
    expect(localStorage.getItem("progress.token")).not.toBeNull();
  });
});

describe("an erasure", () => {
  async function erase() {
    renderApp("/your-data");
    await userEvent.click(await button("Erase my data"));
    await userEvent.type(screen.getByLabelText("Type “erase” to confirm"), "erase");
    await userEvent.click(screen.getByRole("button", { name: "Erase for good" }));
  }

  test("says what goes, and begins only after the word was typed", async () => {
    renderApp("/your-data");
    await userEvent.click(await button("Erase my data"));
    const section = await region("Erase everything");
    const input = screen.getByLabelText("Type “erase” to confirm");

    expect(section).toHaveTextContent("This cannot be undone.");
    expect(section).toHaveTextContent("Your teacher may enrol you again");
    expect(input).toHaveFocus();
    await userEvent.type(input, "yes{Enter}");

    expect(await within(section).findByRole("alert")).toHaveTextContent("Type the word “erase”");
    expect(service.calls.filter(({ method }) => method === "DELETE")).toEqual([]);
    await userEvent.keyboard("{Escape}");
    await waitFor(() =>
      expect(screen.getByRole("button", { name: "Erase my data" })).toHaveFocus(),
    );
  });

  test("is followed until it has ended, and clears this browser", async () => {
    localStorage.setItem("progress.player", "{}");
    await erase();

    const running = await region("Your data is being erased");
    expect(running).toHaveTextContent("2 steps are left.");
    expect(running).not.toHaveTextContent("watch_progress");
    expect(screen.queryByRole("region", { name: "Erase everything" })).toBeNull();
    await waitFor(() => expect(localStorage.getItem("progress.player")).toBeNull());
    service.privacy.eraseUpTo([]);

    expect(await region("Your data was erased")).toHaveTextContent("Finished on November 22, 2026");
    expect(await screen.findByText("Nothing is stored about you.")).toBeVisible();
    expect(screen.getByRole("main")).toHaveFocus();
  });

  test("is shown after a reload", async () => {
    service.privacy.eraseUpTo(["confirmation"]);
    renderApp("/your-data");

    expect(await region("Your data is being erased")).toHaveTextContent("1 step is left.");
    service.privacy.eraseUpTo([]);
    expect(await region("Your data was erased")).toBeVisible();
  });

  test("that could not begin says so, and can be repeated", async () => {
    renderApp("/your-data");
    await userEvent.click(await button("Erase my data"));
    await userEvent.type(screen.getByLabelText("Type “erase” to confirm"), "erase");
    service.problem = { status: 503, code: "unavailable", detail: "" };

    await userEvent.click(screen.getByRole("button", { name: "Erase for good" }));

    expect(await screen.findByText("It is not certain that this has begun.")).toBeVisible();
    service.problem = null;
    await userEvent.click(screen.getByRole("button", { name: "Erase for good" }));
    expect(await region("Your data is being erased")).toBeVisible();
  });
});

test("teachers have no such page", async () => {
  signInAs(aToken({ role: "teacher" }));
  renderApp("/your-data");

  expect(await screen.findByText("There is nothing at this address")).toBeVisible();
  expect(screen.queryByRole("link", { name: "Your data" })).toBeNull();
});
