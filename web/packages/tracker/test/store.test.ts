import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { indexedDbStore, type Kept, type ReportStore } from "../src/store";
import { aReport } from "./world";

let store: ReportStore;
let name: string;
let made = 0;

beforeEach(() => {
  name = `outbox-${++made}`;
  store = indexedDbStore(name);
});

afterEach(() => vi.unstubAllGlobals());

const kept = (changed: Partial<Kept> = {}): Kept => ({
  accountId: "ana",
  id: "session-1",
  sessionId: "session-1",
  videoId: "video-1",
  report: aReport(),
  ...changed,
});

describe("rows on disk", () => {
  test("outlive the page", async () => {
    await store.put(kept());

    expect(await indexedDbStore(name).all("ana")).toEqual([kept()]);
  });

  test("are replaced by their session's newer one", async () => {
    await store.put(kept());
    await store.put(kept({ report: aReport({ watch_time: 41 }) }));

    expect(await store.all("ana")).toMatchObject([{ report: { watch_time: 41 } }]);
  });

  test("are seen by their own account only", async () => {
    await store.put(kept());
    await store.put(kept({ accountId: "ana.b" }));
    await store.put(kept({ accountId: "an" }));

    expect(await store.all("ana")).toEqual([kept()]);
  });

  test("go when they are answered for", async () => {
    await store.put(kept());

    await store.remove(kept());

    expect(await store.all("ana")).toEqual([]);
  });

  test("stay when the answer was for an older one", async () => {
    await store.put(kept({ report: aReport({ watch_time: 41 }) }));

    await store.remove(kept());

    expect(await store.all("ana")).toHaveLength(1);
  });

  test("are written in the order they were given", async () => {
    void store.put(kept());
    void store.put(kept({ report: aReport({ watch_time: 41 }) }));
    void store.remove(kept());
    void store.put(kept({ id: "session-2" }));

    expect((await store.all("ana")).map((row) => row.report.watch_time)).toEqual([41, 40]);
  });
});

test("a browser without a database is no error", async () => {
  vi.stubGlobal("indexedDB", undefined);

  await store.put(kept());
  await store.remove(kept());

  expect(await store.all("ana")).toEqual([]);
});

test("a database that cannot be opened is tried again", async () => {
  const open = vi.spyOn(indexedDB, "open").mockImplementationOnce(() => {
    throw new DOMException("no", "SecurityError");
  });
  await store.put(kept());
  expect(await store.all("ana")).toEqual([]);

  await store.put(kept());

  expect(open).toHaveBeenCalledTimes(2);
  expect(await store.all("ana")).toEqual([kept()]);
});

/** A browser that opens the database only when it is told to. */
function slowOpening() {
  const { open } = indexedDB;
  const opening: (() => void)[] = [];
  vi.spyOn(indexedDB, "open").mockImplementation((name, version) => {
    const request = {} as IDBOpenDBRequest;
    opening.push(() => {
      const real = open.call(indexedDB, name, version);
      real.onupgradeneeded = (event) => request.onupgradeneeded?.call(real, event);
      real.onsuccess = (event) => request.onsuccess?.call(real, event);
      Object.defineProperty(request, "result", { get: () => real.result });
    });
    return request;
  });
  return () => {
    for (const answer of opening.splice(0)) answer();
  };
}

test("a database that never answers is waited for once, and said", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  slowOpening();
  const onFailure = vi.fn();
  const unresponsive = indexedDbStore("unresponsive", onFailure);

  const first = unresponsive.all("ana");
  await vi.advanceTimersByTimeAsync(3000);
  expect(await first).toEqual([]);
  const second = unresponsive.all("ana");
  await vi.advanceTimersByTimeAsync(0);
  expect(await second).toEqual([]);

  expect(onFailure).toHaveBeenCalledWith(undefined);
  vi.useRealTimers();
});

test("a database that answers late is used from then on, with what was put meanwhile", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  const answer = slowOpening();
  const late = indexedDbStore("late");
  const put = late.put(kept());
  await vi.advanceTimersByTimeAsync(3000);
  await put;
  vi.useRealTimers();

  answer();

  await vi.waitFor(async () => expect(await late.all("ana")).toEqual([kept()]));
});
