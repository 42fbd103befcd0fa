/** Keeps the cards of the shelf where they are while somebody is about to use one. */
import type { ContinueItem } from "progress-service-api-client";
import { type RefObject, useEffect, useRef, useState } from "react";

/**
 * While the pointer or the keyboard is in `box`, no card turns into another video, none comes and
 * none leaves; what is told of a video that stays still follows the service.
 */
export function useSteadyCards(
  box: RefObject<HTMLElement | null>,
  latest: readonly ContinueItem[],
): readonly ContinueItem[] {
  const isInUse = useIsInUse(box);
  const held = useRef(latest);
  if (!isInUse || held.current.length === 0) {
    held.current = latest;
    return latest;
  }
  return held.current.map((card) => latest.find((other) => isSameVideo(card, other)) ?? card);
}

const isSameVideo = (one: ContinueItem, other: ContinueItem) =>
  one.course_id === other.course_id && one.material_id === other.material_id;

function useIsInUse(box: RefObject<HTMLElement | null>): boolean {
  const [isPointedAt, setPointedAt] = useState(false);
  const [hasKeyboard, setKeyboard] = useState(false);
  useEffect(() => {
    const point = ({ target }: Event) =>
      setPointedAt(target instanceof Node && box.current?.contains(target) === true);
    const focus = () => setKeyboard(box.current?.contains(document.activeElement) === true);
    // After the focus has gone where it goes.
    const focusLater = () => setTimeout(focus);
    const listen = [
      ["pointerover", point],
      ["focusin", focus],
      ["focusout", focusLater],
    ] as const;
    // At the document, since the shelf itself comes and goes.
    for (const [event, listener] of listen) document.addEventListener(event, listener);
    document.documentElement.addEventListener("pointerleave", point);
    return () => {
      for (const [event, listener] of listen) document.removeEventListener(event, listener);
      document.documentElement.removeEventListener("pointerleave", point);
    };
  }, [box]);
  return isPointedAt || hasKeyboard;
}
