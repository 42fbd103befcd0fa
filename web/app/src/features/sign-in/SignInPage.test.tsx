import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { FakeService } from "../../testing/fake-service";
import { aToken, renderApp, signInAs } from "../../testing/render";

let service: FakeService;

beforeEach(() => {
  service = new FakeService();
});

async function enter(token: string) {
  if (token) await userEvent.type(screen.getByLabelText("Access token"), token);
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
}

test("token opens the only course, and is not in the address", async () => {
  renderApp("/");
  const token = aToken();

  await enter(token);

  expect(await screen.findByRole("heading", { level: 1, name: "Demo course" })).toBeVisible();
  expect(location.href).not.toContain(token);
  expect(localStorage.getItem("progress.token")).toBe(token);
});

test("token is stored for the next visit", async () => {
  signInAs(aToken());

  renderApp("/");

  expect(await screen.findByRole("heading", { level: 1, name: "Demo course" })).toBeVisible();
});

test.each([
  ["", "Paste your access token"],
  ["hello", "Copy the whole token"],
  ["a.b.c", "Copy the whole token"],
])("%j is rejected with a remedy", async (token, sentence) => {
  renderApp("/");

  await enter(token);

  expect(screen.getByRole("alert")).toHaveTextContent(sentence);
  expect(service.calls).toEqual([]);
});

test("token of a program is rejected with an explanation", async () => {
  renderApp("/");

  await enter(aToken({ role: "service" }));

  expect(screen.getByRole("alert")).toHaveTextContent("This page is for learners and teachers");
  expect(screen.getByRole("link")).toHaveAttribute("href", "/docs");
  expect(service.calls).toEqual([]);
});

test("token that the service rejects is removed", async () => {
  service.problem = { status: 401, code: "unauthenticated", detail: "No." };
  renderApp("/");

  await enter(aToken());

  expect(await screen.findByRole("alert")).toHaveTextContent("does not accept this token");
  expect(localStorage.getItem("progress.token")).toBeNull();
});

test("token that is not accepted any more has another message", async () => {
  signInAs(aToken());
  renderApp("/");
  await userEvent.click(await screen.findByRole("button", { name: "Play Welcome" }));
  service.problem = { status: 401, code: "unauthenticated", detail: "No." };

  await userEvent.click(await screen.findByRole("button", { name: "Close video" }));

  expect(await screen.findByRole("alert")).toHaveTextContent("Paste a new token to go on");
  await enter(aToken({ livesSeconds: 7200 }));
  expect(await screen.findByText(/does not accept this token/)).toBeVisible();
});

test("focus is on the new page after signing in and out", async () => {
  renderApp("/");

  await enter(aToken());
  await screen.findByRole("heading", { level: 1, name: "Demo course" });
  expect(screen.getByRole("main")).toHaveFocus();
  await userEvent.click(screen.getByRole("button", { name: "Sign out" }));

  expect(screen.getByRole("main")).toHaveFocus();
});

const REJECTION = { status: 401, code: "unauthenticated", detail: "No." };

test("expired token is detected by the clock of the service", async () => {
  service.problem = REJECTION;
  renderApp("/");

  await enter(aToken({ livesSeconds: -10 }));

  expect(await screen.findByRole("alert")).toHaveTextContent("This token has expired");
});

test("device whose clock is 2 h ahead stays signed in", async () => {
  const { now } = Date;
  const token = aToken();
  service.clockMs = now;
  vi.spyOn(Date, "now").mockImplementation(() => now() + 7_200_000);
  renderApp("/");

  await enter(token);

  expect(await screen.findByRole("heading", { level: 1, name: "Demo course" })).toBeVisible();
  cleanup();
  renderApp("/");
  expect(await screen.findByRole("heading", { level: 1, name: "Demo course" })).toBeVisible();
});

test("stored token that has expired requests a new one", async () => {
  signInAs(aToken({ livesSeconds: -10 }));
  service.problem = REJECTION;

  renderApp("/");

  expect(await screen.findByRole("alert")).toHaveTextContent("Paste a new token to go on");
});

test("signing out removes the token", async () => {
  signInAs(aToken());
  renderApp("/");

  await userEvent.click(await screen.findByRole("button", { name: "Sign out" }));

  expect(screen.getByLabelText("Access token")).toBeVisible();
  expect(localStorage.getItem("progress.token")).toBeNull();
});
