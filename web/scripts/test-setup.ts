/** What every unit test starts from: DOM matchers, and a page emptied after each test. */
import "@testing-library/jest-dom/vitest";
import "fake-indexeddb/auto";
import { cleanup } from "@testing-library/react";
import { IDBFactory } from "fake-indexeddb";
import { afterEach, vi } from "vitest";

// The skin wants more of a browser than there is here; without it a video has native controls.
vi.mock("../app/src/features/player/SkinnedScreen", () => {
  throw new Error("no skin here");
});

afterEach(() => {
  cleanup();
  localStorage.clear();
  Object.assign(globalThis, { indexedDB: new IDBFactory() });
});
