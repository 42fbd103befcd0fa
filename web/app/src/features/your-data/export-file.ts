/** The export of a learner's data: read whole, checked, and counted. */
import type { ProgressClient } from "progress-service-api-client";
import { bodyOf } from "../../lib/api/problem";

/** How many of each a learner has. */
export interface HeldData {
  courses: number;
  formerCourses: number;
  materials: number;
  completed: number;
  visits: number;
  devices: number;
  messages: number;
  statements: number;
  preferences: number;
  others: number;
}

export interface ExportFile {
  file: Blob;
  held: HeldData;
}

/** The stream ended early. */
export class IncompleteExport extends Error {}

interface Line {
  kind?: unknown;
  lines?: unknown;
  completed_at?: unknown;
  sessions?: unknown;
  devices?: unknown;
}

/** @throws ApiProblem, IncompleteExport */
export async function readExport(client: ProgressClient): Promise<ExportFile> {
  const file: Blob = await bodyOf<Blob>(client.GET("/api/progress/me/export", { parseAs: "blob" }));
  return { file, held: await countHeld(file) };
}

/** @throws IncompleteExport: it has no last line, or lacks others */
export async function countHeld(file: Blob): Promise<HeldData> {
  const counter = createCounter();
  let rest = "";
  const decoder = new TextDecoder();
  const reader = file.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    const lines = (rest + decoder.decode(value, { stream: !done })).split("\n");
    // The last one continues in the next part.
    rest = done ? "" : (lines.pop() ?? "");
    for (const line of lines) if (line.trim()) counter.add(parsed(line));
    if (done) return counter.finish();
  }
}

function parsed(text: string): Line {
  try {
    const line: unknown = JSON.parse(text);
    if (typeof line === "object" && line !== null) return line;
  } catch {
    // Cut off in the middle of a line.
  }
  throw new IncompleteExport();
}

function createCounter() {
  const held: HeldData = {
    courses: 0,
    formerCourses: 0,
    materials: 0,
    completed: 0,
    visits: 0,
    devices: 0,
    messages: 0,
    statements: 0,
    preferences: 0,
    others: 0,
  };
  const deviceIds = new Set<unknown>();
  let lines = 0;
  let end: Line | null = null;

  function addRecord(line: Line): void {
    held.materials += 1;
    if (line.completed_at) held.completed += 1;
    held.visits += listOf(line.sessions).length;
    for (const device of listOf(line.devices)) {
      deviceIds.add((device as { device_id?: unknown } | null)?.device_id);
    }
  }

  const countedAs: Record<string, (line: Line) => void> = {
    export: () => {},
    progress: addRecord,
    enrollment: () => (held.courses += 1),
    former_enrollment: () => (held.formerCourses += 1),
    event: () => (held.messages += 1),
    delivery: () => {}, // One of several attempts to send an event, which is counted.
    xapi_statement: () => (held.statements += 1),
    preferences: () => (held.preferences += 1),
  };

  return {
    add(line: Line): void {
      if (end) throw new IncompleteExport();
      if (line.kind === "end") {
        end = line;
        return;
      }
      lines += 1;
      const count = countedAs[String(line.kind)];
      if (count) count(line);
      else held.others += 1;
    },
    finish(): HeldData {
      if (end?.lines !== lines) throw new IncompleteExport();
      return { ...held, devices: deviceIds.size };
    },
  };
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
