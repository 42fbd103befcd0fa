import { cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { reportStorageProblem } from "../lib/session/storage-problem";
import { FakeService } from "../testing/fake-service";
import { theVideo } from "../testing/fake-video";
import { aToken, renderApp, signInAs } from "../testing/render";

beforeEach(() => {
  new FakeService();
});

afterEach(() => {
  vi.unstubAllGlobals();
  for (const part of ["values", "reports"] as const) reportStorageProblem(part, null);
});

async function enter(token: string) {
  await userEvent.type(await screen.findByLabelText("Access token"), token);
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
}

const theCourse = () => screen.findByRole("heading", { level: 1, name: "Demo course" });

const real = Object.getOwnPropertyDescriptor(globalThis, "localStorage");

afterEach(() => {
  if (real) Object.defineProperty(globalThis, "localStorage", real);
});

/** Every access throws, as in a browser that blocks all cookies. */
function blockStorage() {
  const deny = () => {
    throw new DOMException("denied", "SecurityError");
  };
  Object.defineProperty(globalThis, "localStorage", { get: deny, configurable: true });
  vi.stubGlobal("indexedDB", { open: deny });
}

/** Stored values can be read, and nothing can be added. */
function fillStorage() {
  const full = new Proxy(localStorage, {
    get(storage, name) {
      const value = Reflect.get(storage, name);
      if (name !== "setItem") return typeof value === "function" ? value.bind(storage) : value;
      return () => {
        throw new DOMException("full", "QuotaExceededError");
      };
    },
  });
  Object.defineProperty(globalThis, "localStorage", { value: full, configurable: true });
}

test("storage that works is not mentioned", async () => {
  signInAs(aToken());
  renderApp();

  await theCourse();

  expect(screen.queryByText(/storage of this browser|does not store/)).toBeNull();
});

test("blocked storage allows sign-in and videos, with a notice", async () => {
  blockStorage();
  renderApp("/");

  await enter(aToken());

  await theCourse();
  expect(await screen.findByText(/does not store anything for this page/)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Play Welcome" }));
  expect(await theVideo()).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Sign out" }));
  expect(await screen.findByLabelText("Access token")).toBeVisible();
});

test("full storage allows sign-in, with a notice", async () => {
  fillStorage();
  renderApp("/");

  await enter(aToken());

  await theCourse();
  expect(await screen.findByText(/storage of this browser is full/)).toBeVisible();
});

test("token that could not be stored overrides an older one", async () => {
  signInAs(aToken({ studentId: "ben" }));
  renderApp("/");
  await userEvent.click(await screen.findByRole("button", { name: "Sign out" }));
  fillStorage();

  await enter(aToken({ studentId: "ana" }));
  await theCourse();
  await userEvent.click(screen.getByRole("button", { name: "Sign out" }));
  cleanup();
  renderApp("/");

  expect(screen.getByLabelText("Access token")).toBeVisible();
});

test("unresponsive database causes only a notice", async () => {
  signInAs(aToken());
  vi.stubGlobal("indexedDB", { open: () => ({}) });
  renderApp();

  await waitFor(async () => expect(await theCourse()).toBeVisible(), { timeout: 10_000 });

  expect(await screen.findByText(/storage of this browser does not respond/)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Play Welcome" }));
  expect(await theVideo()).toBeVisible();
}, 30_000);
