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

test("a token leads to the only course, and never into the address", async () => {
  renderApp("/");
  const token = aToken();

  await enter(token);

  expect(await screen.findByRole("heading", { level: 1, name: "Demo course" })).toBeVisible();
  expect(location.href).not.toContain(token);
  expect(localStorage.getItem("progress.token")).toBe(token);
});

test("a token is kept for the next visit", async () => {
  signInAs(aToken());

  renderApp("/");

  expect(await screen.findByRole("heading", { level: 1, name: "Demo course" })).toBeVisible();
});

test.each([
  ["", "Paste your access token"],
  ["hello", "Copy the whole token"],
  ["a.b.c", "Copy the whole token"],
])("%j is refused with a sentence that helps", async (token, sentence) => {
  renderApp("/");

  await enter(token);

  expect(screen.getByRole("alert")).toHaveTextContent(sentence);
  expect(service.calls).toEqual([]);
});

test("a program is told whom the page is for, and what to do", async () => {
  renderApp("/");

  await enter(aToken({ role: "service" }));

  expect(screen.getByRole("alert")).toHaveTextContent("This page is for learners and teachers");
  expect(screen.getByRole("link")).toHaveAttribute("href", "/docs");
  expect(service.calls).toEqual([]);
});

test("a token the service never accepts leads back here and is forgotten", async () => {
  service.problem = { status: 401, code: "unauthenticated", detail: "No." };
  renderApp("/");

  await enter(aToken());

  expect(await screen.findByRole("alert")).toHaveTextContent("does not accept this token");
  expect(localStorage.getItem("progress.token")).toBeNull();
});

test("a token the service does not accept any more is told apart from that", async () => {
  signInAs(aToken());
  renderApp("/");
  await userEvent.click(await screen.findByRole("button", { name: "Play Welcome" }));
  service.problem = { status: 401, code: "unauthenticated", detail: "No." };

  await userEvent.click(await screen.findByRole("button", { name: "Close video" }));

  expect(await screen.findByRole("alert")).toHaveTextContent("Paste a new token to go on");
  await enter(aToken({ livesSeconds: 7200 }));
  expect(await screen.findByText(/does not accept this token/)).toBeVisible();
});

test("the keyboard is on the page that comes after signing in, and after signing out", async () => {
  renderApp("/");

  await enter(aToken());
  await screen.findByRole("heading", { level: 1, name: "Demo course" });
  expect(screen.getByRole("main")).toHaveFocus();
  await userEvent.click(screen.getByRole("button", { name: "Sign out" }));

  expect(screen.getByRole("main")).toHaveFocus();
});

const REFUSAL = { status: 401, code: "unauthenticated", detail: "No." };

test("a token that has expired is told apart by the clock of the service", async () => {
  service.problem = REFUSAL;
  renderApp("/");

  await enter(aToken({ livesSeconds: -10 }));

  expect(await screen.findByRole("alert")).toHaveTextContent("This token has expired");
});

test("a device whose clock is 2 h ahead signs in, and stays signed in", async () => {
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

test("a kept token that has expired leads back here", async () => {
  signInAs(aToken({ livesSeconds: -10 }));
  service.problem = REFUSAL;

  renderApp("/");

  expect(await screen.findByRole("alert")).toHaveTextContent("Paste a new token to go on");
});

test("signing out forgets the token", async () => {
  signInAs(aToken());
  renderApp("/");

  await userEvent.click(await screen.findByRole("button", { name: "Sign out" }));

  expect(screen.getByLabelText("Access token")).toBeVisible();
  expect(localStorage.getItem("progress.token")).toBeNull();
});
