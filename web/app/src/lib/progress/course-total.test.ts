import { readFileSync } from "node:fs";
import type { Course, Material, VideoStatusSummary } from "progress-service-api-client";
import { describe, expect, test } from "vitest";
import { aSummary } from "../../testing/fake-service";
import { type CourseEstimate, withPercent } from "./course-total";

const VIDEOS = ["one", "two", "three", "four"];

function aMaterial(material_id: string): Material {
  return {
    material_id,
    title: material_id,
    type: material_id === "notes" ? "reading" : "video",
    module: null,
    duration_seconds: null,
    source_url: null,
    required: true,
    complete_at_percent: null,
    chapters: [],
    intro: null,
    outro: null,
  };
}

function aCourse(optionalIds: string[] = []): Course {
  return {
    course_id: "demo",
    title: "Demo",
    teacher_ids: [],
    complete_at_percent: null,
    materials: [...VIDEOS, "notes"].map((id) => ({
      ...aMaterial(id),
      required: !optionalIds.includes(id),
    })),
  };
}

interface Given {
  overall?: number;
  done?: string[];
  percents?: Record<string, number>;
}

function anEstimate({ overall = 0, done = [], percents = {} }: Given = {}): CourseEstimate {
  const statusOf = (id: string): [string, VideoStatusSummary] => [
    id,
    aSummary({ progress_percentage: percents[id] ?? 0, completed: done.includes(id) }),
  ];
  return {
    course_id: "demo",
    student_id: "ana",
    overall_progress: overall,
    materials: { total: 5, completed: done.length, completed_ids: done },
    videos: Object.fromEntries(VIDEOS.map(statusOf)),
    last_watched: null,
    completed_at: null,
  };
}

const overallAfter = (
  known: CourseEstimate,
  places: readonly (readonly [string, number])[],
  course = aCourse(),
) =>
  places.reduce((total, [videoId, percent]) => withPercent(total, course, videoId, percent), known)
    .overall_progress;

test("place counts for its share of the required materials", () => {
  expect(overallAfter(anEstimate(), [["one", 50]])).toBe(10);
  expect(overallAfter(anEstimate(), [["one", 50]], aCourse(["notes"]))).toBe(12.5);
});

test("completed material counts 100, and the result has two decimals", () => {
  const known = anEstimate({ overall: 20, done: ["one"] });

  expect(overallAfter(known, [["two", 33.333]])).toBe(26.67);
});

test("furthest place counts, not the newest one", () => {
  const places = [
    ["one", 60],
    ["one", 10],
    ["one", 30],
  ] as const;

  expect(overallAfter(anEstimate(), places)).toBe(12);
});

test("many small steps have the same result as one", () => {
  const places = Array.from({ length: 70 }, (_, step) => ["one", step + 0.123] as const);

  expect(overallAfter(anEstimate(), places)).toBe(overallAfter(anEstimate(), [["one", 69.123]]));
});

test("place of an optional material does not count", () => {
  expect(overallAfter(anEstimate(), [["one", 50]], aCourse(["one"]))).toBe(0);
});

test("video of another course does not change the estimate", () => {
  const known = anEstimate({ overall: 12 });

  expect(withPercent(known, aCourse(), "elsewhere", 70)).toBe(known);
});

describe("the estimate", () => {
  test("does not count a percentage from the threshold on", () => {
    const places = [
      ["one", 70],
      ["one", 95],
    ] as const;

    expect(overallAfter(anEstimate(), places)).toBe(14);
  });

  test("is not lower than the figure of the service", () => {
    const known = anEstimate({ overall: 12, percents: { one: 10 } });

    expect(overallAfter(known, [["one", 40]])).toBe(12);
    expect(overallAfter(known, [["one", 70]])).toBe(14);
  });

  test("does not count a video that was marked as not done after its end", () => {
    const known = anEstimate({ overall: 2, percents: { one: 100 } });

    expect(overallAfter(known, [["two", 20]])).toBe(4);
  });
});

test("estimate is 100 % only when everything is done", () => {
  const known = anEstimate({ done: ["one", "two", "three"] });
  const videos = { ...known.videos, four: aSummary({ complete_at_percent: 100 }) };
  const course = aCourse(["notes"]);

  expect(overallAfter({ ...known, videos }, [["four", 99.999]], course)).toBe(99.99);
  expect(overallAfter(anEstimate({ done: VIDEOS }), [["four", 10]], course)).toBe(100);
});

interface GoldenCase {
  name: string;
  materials: { material_id: string; type: string; required: boolean }[];
  completed_ids: string[];
  furthest: Record<string, number>;
  overall: number;
}

const GOLDEN = `${import.meta.dirname}/../../../../../tests/golden/course_totals.json`;
const { cases }: { cases: GoldenCase[] } = JSON.parse(readFileSync(GOLDEN, "utf8"));

test.each(cases)("estimate equals the golden case: $name", (golden) => {
  const materials = golden.materials.map((given) => ({
    ...aMaterial(given.material_id),
    ...given,
  }));
  const course = { ...aCourse(), materials };
  const videoIds = materials
    .filter(({ type }) => type === "video")
    .map(({ material_id: id }) => id);
  const known = {
    ...anEstimate({ done: golden.completed_ids }),
    videos: Object.fromEntries(videoIds.map((id) => [id, aSummary()])),
  };
  // The estimate is computed when a video moves.
  const places = videoIds.map((id) => [id, golden.furthest[id] ?? 0] as const);

  expect(overallAfter(known, places, course)).toBe(golden.overall);
});
