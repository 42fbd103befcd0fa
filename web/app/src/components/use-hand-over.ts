/** Keeps the keyboard on the page when what had it goes away. */
import { type RefObject, useLayoutEffect, useRef } from "react";

/**
 * What goes away must not take the keyboard with it: `findHeir` says who gets it then.
 *
 * A button that was pressed is often gone the next moment, and a keyboard on nothing hears no key.
 */
export function useHandOver(
  box: RefObject<HTMLElement | null>,
  findHeir: (leaving: HTMLElement) => HTMLElement | null | undefined,
): void {
  const latest = useRef(findHeir);
  useLayoutEffect(() => {
    latest.current = findHeir;
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
