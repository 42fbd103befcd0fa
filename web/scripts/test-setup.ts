/** The setup of every unit test: DOM matchers, and a cleanup after each test. */
import "@testing-library/jest-dom/vitest";
import "fake-indexeddb/auto";
import { cleanup, configure } from "@testing-library/react";
import { IDBFactory } from "fake-indexeddb";
import { afterEach, vi } from "vitest";

// The skin requires more browser APIs than happy-dom has; without it a video has native controls.
vi.mock("../app/src/features/player/skin/SkinnedVideo", () => {
  throw new Error("not supported in happy-dom");
});

// Pages poll every second, and a busy machine takes its time.
configure({ asyncUtilTimeout: 20_000 });

afterEach(() => {
  cleanup();
  localStorage.clear();
  Object.assign(globalThis, { indexedDB: new IDBFactory() });
});
