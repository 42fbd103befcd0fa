import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { indexedDbStore, type OutboxEntry, type ReportStore } from "../src/store";
import { aReport } from "./world";

let store: ReportStore;
let name: string;
let made = 0;

beforeEach(() => {
  name = `outbox-${++made}`;
  store = indexedDbStore(name);
});

afterEach(() => vi.unstubAllGlobals());

const anEntry = (changed: Partial<OutboxEntry> = {}): OutboxEntry => ({
  accountId: "ana",
  id: "session-1",
  sessionId: "session-1",
  videoId: "video-1",
  report: aReport(),
  ...changed,
});

describe("an entry on disk", () => {
  test("survives its page", async () => {
    await store.put(anEntry());

    expect(await indexedDbStore(name).all("ana")).toEqual([anEntry()]);
  });

  test("is replaced by a newer one of its session", async () => {
    await store.put(anEntry());
    await store.put(anEntry({ report: aReport({ watch_time: 41 }) }));

    expect(await store.all("ana")).toMatchObject([{ report: { watch_time: 41 } }]);
  });

  test("is returned to its own account only", async () => {
    await store.put(anEntry());
    await store.put(anEntry({ accountId: "ana.b" }));
    await store.put(anEntry({ accountId: "an" }));

    expect(await store.all("ana")).toEqual([anEntry()]);
  });

  test("is deleted by remove", async () => {
    await store.put(anEntry());

    await store.remove(anEntry());

    expect(await store.all("ana")).toEqual([]);
  });

  test("is not deleted by remove of an older one", async () => {
    await store.put(anEntry({ report: aReport({ watch_time: 41 }) }));

    await store.remove(anEntry());

    expect(await store.all("ana")).toHaveLength(1);
  });

  test("is written in the order of the calls", async () => {
    void store.put(anEntry());
    void store.put(anEntry({ report: aReport({ watch_time: 41 }) }));
    void store.remove(anEntry());
    void store.put(anEntry({ id: "session-2" }));

    expect((await store.all("ana")).map((row) => row.report.watch_time)).toEqual([41, 40]);
  });
});

test("browser without a database causes no error", async () => {
  vi.stubGlobal("indexedDB", undefined);

  await store.put(anEntry());
  await store.remove(anEntry());

  expect(await store.all("ana")).toEqual([]);
});

test("database that cannot be opened is retried", async () => {
  const open = vi.spyOn(indexedDB, "open").mockImplementationOnce(() => {
    throw new DOMException("no", "SecurityError");
  });
  await store.put(anEntry());
  expect(await store.all("ana")).toEqual([]);

  await store.put(anEntry());

  expect(open).toHaveBeenCalledTimes(2);
  expect(await store.all("ana")).toEqual([anEntry()]);
});

/** A browser that opens the database when the returned function is called. */
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
    for (const finish of opening.splice(0)) finish();
  };
}

test("unresponsive database is waited for once, and reported", async () => {
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

test("database that opens late is used from then on, with what was put meanwhile", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  const open = slowOpening();
  const late = indexedDbStore("late");
  const put = late.put(anEntry());
  await vi.advanceTimersByTimeAsync(3000);
  await put;
  vi.useRealTimers();

  open();

  await vi.waitFor(async () => expect(await late.all("ana")).toEqual([anEntry()]));
});
