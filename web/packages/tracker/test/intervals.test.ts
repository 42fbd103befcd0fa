import { describe, expect, test } from "vitest";
import { longestSpans, mergeSpans, type Span } from "../src/intervals";

/** A small repeatable source of numbers 0..1 (a linear congruential generator). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

function someSpans(seed: number): Span[] {
  const next = numbers(seed);
  return Array.from({ length: 1 + Math.floor(next() * 12) }, () => {
    const start = Math.floor(next() * 60);
    return [start, start + Math.floor(next() * 12)] as const;
  });
}

/** The simple reference: which half seconds are covered. */
function coveredHalves(spans: readonly Span[]): number[] {
  const halves = new Set<number>();
  for (const [start, end] of spans) for (let at = start; at < end; at += 0.5) halves.add(at);
  return [...halves].sort((one, other) => one - other);
}

/** Random lists of spans, the same at every run. */
const MANY = Array.from({ length: 200 }, (_, seed) => someSpans(seed + 1));

describe("merging 200 random lists", () => {
  test("preserves exactly the covered seconds, disjoint and sorted", () => {
    for (const spans of MANY) {
      const merged = mergeSpans(spans);
      expect(coveredHalves(merged)).toEqual(coveredHalves(spans));
      for (const [index, span] of merged.slice(1).entries()) {
        expect(span[0]).toBeGreaterThan(merged[index]?.[1] ?? Number.NaN);
      }
    }
  });

  test("does not depend on order or repetition", () => {
    for (const spans of MANY) {
      const merged = mergeSpans(spans);
      expect(mergeSpans([...spans].reverse())).toEqual(merged);
      expect(mergeSpans([...spans, ...merged, ...spans])).toEqual(merged);
    }
  });
});

test("merging joins neighbours within the gap only", () => {
  const spans: Span[] = [
    [0, 10],
    [11, 20],
    [21.5, 30],
  ];

  expect(mergeSpans(spans, 1)).toEqual([
    [0, 20],
    [21.5, 30],
  ]);
});

test("merging does not change its argument", () => {
  const spans: Span[] = [
    [5, 6],
    [0, 5],
  ];

  mergeSpans(spans);

  expect(spans).toEqual([
    [5, 6],
    [0, 5],
  ]);
});

test("longest spans are returned in order, unchanged", () => {
  const spans: Span[] = [
    [0, 1],
    [10, 15],
    [20, 22],
    [30, 40],
  ];

  expect(longestSpans(spans, 2)).toEqual([
    [10, 15],
    [30, 40],
  ]);
});
