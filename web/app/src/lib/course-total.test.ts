import type { Course, VideoStatusSummary } from "progress-service-api-client";
import { describe, expect, test } from "vitest";
import { aSummary } from "../testing/fake-service";
import { type CourseStanding, withPercent } from "./course-total";

const VIDEOS = ["one", "two", "three", "four"];

function aCourse(optionalIds: string[] = []): Course {
  return {
    course_id: "demo",
    title: "Demo",
    teacher_ids: [],
    complete_at_percent: null,
    materials: [...VIDEOS, "notes"].map((material_id) => ({
      material_id,
      title: material_id,
      type: material_id === "notes" ? "reading" : "video",
      module: null,
      duration_seconds: null,
      source_url: null,
      required: !optionalIds.includes(material_id),
      complete_at_percent: null,
      chapters: [],
      intro: null,
      outro: null,
    })),
  };
}

interface Told {
  overall?: number;
  done?: string[];
  percents?: Record<string, number>;
}

function standing({ overall = 0, done = [], percents = {} }: Told = {}): CourseStanding {
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
  known: CourseStanding,
  places: readonly (readonly [string, number])[],
  course = aCourse(),
) =>
  places.reduce((total, [videoId, percent]) => withPercent(total, course, videoId, percent), known)
    .overall_progress;

test("a place counts for its share of the required materials", () => {
  expect(overallAfter(standing(), [["one", 50]])).toBe(10);
  expect(overallAfter(standing(), [["one", 50]], aCourse(["notes"]))).toBe(12.5);
});

test("what is done counts in full, and two decimals are told", () => {
  const known = standing({ overall: 20, done: ["one"] });

  expect(overallAfter(known, [["two", 33.333]])).toBe(26.67);
});

test("the furthest place counts, so going back takes nothing away", () => {
  const places = [
    ["one", 60],
    ["one", 10],
    ["one", 30],
  ] as const;

  expect(overallAfter(standing(), places)).toBe(12);
});

test("many small steps add up to the same as one", () => {
  const places = Array.from({ length: 70 }, (_, step) => ["one", step + 0.123] as const);

  expect(overallAfter(standing(), places)).toBe(overallAfter(standing(), [["one", 69.123]]));
});

test("a place of an optional material counts for nothing", () => {
  expect(overallAfter(standing(), [["one", 50]], aCourse(["one"]))).toBe(0);
});

test("a video of another course changes nothing", () => {
  const known = standing({ overall: 12 });

  expect(withPercent(known, aCourse(), "elsewhere", 70)).toBe(known);
});

describe("only the service knows", () => {
  test("that a video is done: from the threshold on its percentage counts no more", () => {
    const places = [
      ["one", 70],
      ["one", 95],
    ] as const;

    expect(overallAfter(standing(), places)).toBe(14);
  });

  test("how far earlier visits went: its figure is not lowered", () => {
    const known = standing({ overall: 12, percents: { one: 10 } });

    expect(overallAfter(known, [["one", 40]])).toBe(12);
    expect(overallAfter(known, [["one", 70]])).toBe(14);
  });

  test("how far a video counts that was marked as not done after its end", () => {
    const known = standing({ overall: 2, percents: { one: 100 } });

    expect(overallAfter(known, [["two", 20]])).toBe(4);
  });
});

test("100 % is told only when everything is done", () => {
  const known = standing({ done: ["one", "two", "three"] });
  const videos = { ...known.videos, four: aSummary({ complete_at_percent: 100 }) };
  const course = aCourse(["notes"]);

  expect(overallAfter({ ...known, videos }, [["four", 99.999]], course)).toBe(99.99);
  expect(overallAfter(standing({ done: VIDEOS }), [["four", 10]], course)).toBe(100);
});
