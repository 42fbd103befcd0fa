import { expect, test, vi } from "vitest";
import { browserLocks } from "../src/locks";

const DENIED = new DOMException("Access to the Locks API is denied.", "SecurityError");

/** The locks of a page whose storage is blocked. */
const denying = {
  request: () => Promise.reject(DENIED),
  query: () => Promise.reject(DENIED),
} as unknown as LockManager;

test.each([
  ["missing", undefined],
  ["denied", denying],
])("locks that are %s delay nothing, and the held ones are unknown", async (_, manager) => {
  const locks = browserLocks(manager);
  const run = vi.fn(async () => "done");

  const release = locks.hold("session-1");
  release();

  expect(await locks.alone("outbox", run)).toBe("done");
  expect(run).toHaveBeenCalledTimes(1);
  expect(await locks.held()).toBeNull();
});

test("failure under a lock rejects the call, which is not repeated", async () => {
  const granting = {
    request: (_: string, run: () => Promise<unknown>) => run(),
  } as unknown as LockManager;
  const run = vi.fn(() => Promise.reject(new Error("broken")));

  await expect(browserLocks(granting).alone("outbox", run)).rejects.toThrow("broken");

  expect(run).toHaveBeenCalledTimes(1);
});
