/** Freezes the cards of the shelf while the learner is about to use one. */
import type { ContinueItem } from "progress-service-api-client";
import { type RefObject, useEffect, useRef, useState } from "react";

/**
 * While the pointer or the focus is in `box`, no card is added, removed or replaced by another video.
 * The progress of each card is still updated.
 */
export function useSteadyCards(
  box: RefObject<HTMLElement | null>,
  latest: readonly ContinueItem[],
): readonly ContinueItem[] {
  const isInUse = useIsInUse(box);
  const frozen = useRef(latest);
  if (!isInUse || frozen.current.length === 0) {
    frozen.current = latest;
    return latest;
  }
  return frozen.current.map((card) => latest.find((other) => isSameVideo(card, other)) ?? card);
}

const isSameVideo = (one: ContinueItem, other: ContinueItem) =>
  one.course_id === other.course_id && one.material_id === other.material_id;

function useIsInUse(box: RefObject<HTMLElement | null>): boolean {
  const [isHovered, setHovered] = useState(false);
  const [hasFocus, setFocus] = useState(false);
  useEffect(() => {
    const point = ({ target }: Event) =>
      setHovered(target instanceof Node && box.current?.contains(target) === true);
    const focus = () => setFocus(box.current?.contains(document.activeElement) === true);
    // After the focus has moved.
    const focusLater = () => setTimeout(focus);
    const listen = [
      ["pointerover", point],
      ["focusin", focus],
      ["focusout", focusLater],
    ] as const;
    // At the document, because the shelf is not always mounted.
    for (const [event, listener] of listen) document.addEventListener(event, listener);
    document.documentElement.addEventListener("pointerleave", point);
    return () => {
      for (const [event, listener] of listen) document.removeEventListener(event, listener);
      document.documentElement.removeEventListener("pointerleave", point);
    };
  }, [box]);
  return isHovered || hasFocus;
}
