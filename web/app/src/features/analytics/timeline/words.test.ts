import { expect, test } from "vitest";
import { wordsAt } from "./words";

const cues = [
  { startSeconds: 0, endSeconds: 5, text: "Welcome." },
  { startSeconds: 8, endSeconds: 12, text: "So the\nbase case" },
  { startSeconds: 12, endSeconds: 20, text: "ends the recursion." },
];

test("words are those of the cues within the part", () => {
  expect(wordsAt(cues, 9, 2)).toBe("So the base case");
  expect(wordsAt(cues, 9, 6)).toBe("So the base case ends the recursion.");
});

test("cue that has ended is not said any more", () => {
  expect(wordsAt(cues, 5, 2)).toBeNull();
  expect(wordsAt([], 5, 2)).toBeNull();
});

test("many words are cut", () => {
  const text = Array.from({ length: 30 }, (_, index) => `w${index}`).join(" ");
  const words = wordsAt([{ startSeconds: 0, endSeconds: 9, text }], 0, 1);
  expect(words).toMatch(/^w0 .* w13 …$/);
});
