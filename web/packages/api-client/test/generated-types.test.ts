/**
 * Runs openapi-typescript over the document with its defaults, as users do, and compiles a program.
 * Fields with a default are optional in requests; fields that are always present need no check.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const PACKAGE = resolve(fileURLToPath(import.meta.url), "../..");
const DOCUMENT = resolve(PACKAGE, "../../../openapi/openapi.json");
const WEB_MODULES = resolve(PACKAGE, "../../node_modules");
const TOOLS = join(PACKAGE, "node_modules", ".bin");
const COMPILER_OPTIONS = {
  noEmit: true,
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  target: "ES2022",
  module: "ESNext",
  moduleResolution: "Bundler",
  lib: ["ES2022", "DOM"],
  types: [],
};
const TIMEOUT_MS = 120_000;

const PROGRAM = `
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

const client = createClient<paths>({ baseUrl: "https://progress.example" });
const plain: components["schemas"]["ReportBody"] = { watch_time: 125.5, total_duration: 600 };
// @ts-expect-error: the length is required.
export const incomplete: components["schemas"]["ReportBody"] = { watch_time: 125.5 };
const video = { params: { path: { video_id: "intro" } } };
const course = { params: { path: { course_id: "react" } } };

export async function report(): Promise<string> {
  const { error } = await client.POST("/api/progress/video/{video_id}/watch-time", {
    ...video,
    body: plain,
  });
  return error ? \`\${error.code}: \${error.detail}\` : "stored";
}

export async function sendStored(): Promise<void> {
  const event = { event_id: "1", video_id: "intro", ...plain, played: [[0, 125.5]] };
  const body = { sent_at: "2026-11-22T10:30:00Z", events: [event] };
  await client.POST("/api/progress/events", { body });
}

export async function put(): Promise<boolean> {
  const materials = [{ material_id: "intro", type: "video", title: "Intro" }];
  const body = { title: "React", teacher_ids: ["tom"], materials };
  const { data } = await client.PUT("/api/catalog/courses/{course_id}", { ...course, body });
  return data?.materials[0]?.required ?? false;
}

export async function seconds(): Promise<number> {
  const { data } = await client.GET("/api/progress/video/{video_id}/status", video);
  return (data?.watched_spans ?? []).reduce((sum, [start = 0, end = 0]) => sum + end - start, 0);
}

export async function courses(): Promise<Date[]> {
  const { data } = await client.GET("/api/progress/courses");
  return (data?.courses ?? []).flatMap(({ last_watched }) =>
    last_watched === null ? [] : [new Date(last_watched)],
  );
}
`;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "generated-types-"));
  const project = { compilerOptions: COMPILER_OPTIONS, files: ["program.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project));
  symlinkSync(WEB_MODULES, join(folder, "node_modules"));
  execFileSync(join(TOOLS, "openapi-typescript"), [
    DOCUMENT,
    "--output",
    join(folder, "schema.ts"),
  ]);
}, TIMEOUT_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function compilerErrors(program: string): string {
  writeFileSync(join(folder, "program.ts"), program);
  try {
    execFileSync(join(TOOLS, "tsc"), ["--project", folder], { cwd: folder, encoding: "utf8" });
    return "";
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

test(
  "generated types compile in a program with plain reports",
  () => {
    expect(compilerErrors(PROGRAM)).toBe("");
  },
  TIMEOUT_MS,
);
