import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { mergeSpans, type Span } from "../src/intervals";

interface Case {
  name: string;
  join_gap_seconds: number;
  spans: Span[];
  merged: Span[];
}

const GOLDEN = `${import.meta.dirname}/../../../../tests/golden/intervals.json`;
const { cases }: { cases: Case[] } = JSON.parse(readFileSync(GOLDEN, "utf8"));

test.each(cases)("$name", ({ spans, join_gap_seconds, merged }) => {
  expect(mergeSpans(spans, join_gap_seconds)).toEqual(merged);
});
