import type { OutboxEntry, ReportStore } from "progress-service-tracker";
import { expect, test, vi } from "vitest";
import { monitorSaving } from "./saving-state";

function anEntry(watch_time = 40): OutboxEntry {
  const report = { watch_time, total_duration: 600 } as OutboxEntry["report"];
  return { accountId: "ana", id: "s1", sessionId: "s1", videoId: "v", report } as OutboxEntry;
}

function aStore(): ReportStore {
  return { all: async () => [], put: async () => {}, remove: async () => {} };
}

test("state is unknown until the reports of earlier visits were read", async () => {
  const saving = monitorSaving(aStore());
  expect(saving.state).toEqual({ isKnown: false, hasUnsent: false, isReachable: null });

  await saving.store.all("ana");

  expect(saving.state.isKnown).toBe(true);
});

test("report is unsent until the same report is removed", async () => {
  const saving = monitorSaving(aStore());
  await saving.store.put(anEntry(40));
  await saving.store.put(anEntry(41));

  await saving.store.remove(anEntry(40));
  expect(saving.state.hasUnsent).toBe(true);
  await saving.store.remove(anEntry(41));

  expect(saving.state.hasUnsent).toBe(false);
});

test("copy of a stored report is not unsent", async () => {
  const saving = monitorSaving(aStore());

  await saving.store.put({ ...anEntry(), isStored: true } as OutboxEntry);

  expect(saving.state.hasUnsent).toBe(false);
});

test("listener is called only when the state changes", async () => {
  const saving = monitorSaving(aStore());
  const listener = vi.fn();
  saving.subscribe(listener);

  saving.noteReachable(true);
  saving.noteReachable(true);
  await saving.store.put(anEntry(40));
  await saving.store.put(anEntry(41));

  expect(listener).toHaveBeenCalledTimes(2);
});
