import { expect, test } from "vitest";
import { countHeld, IncompleteExport } from "./export-file";

const fileOf = (lines: readonly object[]) =>
  new Blob(lines.map((line) => `${JSON.stringify(line)}\n`));

const HEADER = { kind: "export" };

test("devices are counted once, whichever videos were watched on them", async () => {
  const progress = { kind: "progress", devices: [{ device_id: "phone" }], sessions: [{}, {}] };

  const held = await countHeld(fileOf([HEADER, progress, progress, { kind: "end", lines: 3 }]));

  expect(held).toMatchObject({ materials: 2, devices: 1, visits: 4, completed: 0 });
});

test("lines of a later version are counted too", async () => {
  const held = await countHeld(fileOf([HEADER, { kind: "note" }, { kind: "end", lines: 2 }]));

  expect(held.others).toBe(1);
});

test("letters of any alphabet survive the parts of the stream", async () => {
  const line = { kind: "progress", title: "ü".repeat(200_000) };

  const held = await countHeld(fileOf([HEADER, line, { kind: "end", lines: 2 }]));

  expect(held.materials).toBe(1);
});

test.each([
  ["without its last line", [HEADER]],
  ["with fewer lines than its last one says", [HEADER, { kind: "end", lines: 2 }]],
  ["with lines after its last one", [HEADER, { kind: "end", lines: 1 }, { kind: "event" }]],
  ["that is empty", []],
])("file %s is incomplete", async (_, lines) => {
  await expect(countHeld(fileOf(lines))).rejects.toThrow(IncompleteExport);
});

test("file that ends within a line is incomplete", async () => {
  const file = new Blob(['{"kind":"export"}\n{"kind":"prog']);

  await expect(countHeld(file)).rejects.toThrow(IncompleteExport);
});
