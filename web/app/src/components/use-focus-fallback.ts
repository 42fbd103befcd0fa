/** Moves the focus when the focused element is removed. */
import { type RefObject, useLayoutEffect, useRef } from "react";

/**
 * When `box` is removed with the focus inside, focus the result of `findTarget`.
 *
 * A pressed button is often removed by its own click, and without a focus the page receives no keys.
 */
export function useFocusFallback(
  box: RefObject<HTMLElement | null>,
  findTarget: (leaving: HTMLElement) => HTMLElement | null | undefined,
): void {
  const latest = useRef(findTarget);
  useLayoutEffect(() => {
    latest.current = findTarget;
  });
  useLayoutEffect(() => {
    const leaving = box.current;
    return () => {
      if (leaving?.contains(document.activeElement)) {
        latest.current(leaving)?.focus({ preventScroll: true });
      }
    };
  }, [box]);
}
