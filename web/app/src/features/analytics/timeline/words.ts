/** The words that are said at a moment of a video, from its captions. */

export interface Cue {
  startSeconds: number;
  endSeconds: number;
  text: string;
}

/** More would be a paragraph. */
const MAX_WORDS = 14;

/**
 * What is said from `atSeconds` on, for `forSeconds`; null if nothing is.
 *
 * @param cues in ascending order
 */
export function wordsAt(
  cues: readonly Cue[],
  atSeconds: number,
  forSeconds: number,
): string | null {
  const words = cues
    .filter((cue) => cue.endSeconds > atSeconds && cue.startSeconds < atSeconds + forSeconds)
    .flatMap(({ text }) => text.split(/\s+/))
    .filter(Boolean);
  if (words.length === 0) return null;
  const shown = words.slice(0, MAX_WORDS).join(" ");
  return words.length > MAX_WORDS ? `${shown} …` : shown;
}
