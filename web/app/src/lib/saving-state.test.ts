import type { Kept, ReportStore } from "progress-service-tracker";
import { expect, test, vi } from "vitest";
import { monitorSaving } from "./saving-state";

function aRow(watch_time = 40): Kept {
  const report = { watch_time, total_duration: 600 } as Kept["report"];
  return { accountId: "ana", id: "s1", sessionId: "s1", videoId: "v", report } as Kept;
}

function aStore(): ReportStore {
  return { all: async () => [], put: async () => {}, remove: async () => {} };
}

test("nothing is known before the reports of earlier visits have been looked for", async () => {
  const saving = monitorSaving(aStore());
  expect(saving.state).toEqual({ isKnown: false, hasUnsent: false, isReachable: null });

  await saving.store.all("ana");

  expect(saving.state.isKnown).toBe(true);
});

test("a report is unsent until that very report is removed", async () => {
  const saving = monitorSaving(aStore());
  await saving.store.put(aRow(40));
  await saving.store.put(aRow(41));

  await saving.store.remove(aRow(40));
  expect(saving.state.hasUnsent).toBe(true);
  await saving.store.remove(aRow(41));

  expect(saving.state.hasUnsent).toBe(false);
});

test("a copy of what the service has is not unsent", async () => {
  const saving = monitorSaving(aStore());

  await saving.store.put({ ...aRow(), isStored: true } as Kept);

  expect(saving.state.hasUnsent).toBe(false);
});

test("a change is told once, and a state that stays is not told", async () => {
  const saving = monitorSaving(aStore());
  const listener = vi.fn();
  saving.subscribe(listener);

  saving.noteReachable(true);
  saving.noteReachable(true);
  await saving.store.put(aRow(40));
  await saving.store.put(aRow(41));

  expect(listener).toHaveBeenCalledTimes(2);
});
