/** Puts the keyboard where the learner goes on: at a material of the list. */
import { useEffect, useRef } from "react";

/** The id of the control of a material: it opens the video, or marks the reading. */
export function openerId(materialId: string): string {
  return `open-${materialId}`;
}

/** After the next picture, since the material may only be shown then. */
export function focusMaterial(materialId: string): void {
  requestAnimationFrame(() => document.getElementById(openerId(materialId))?.focus());
}

/**
 * After a video is closed, the control that opened it has the keyboard again; its material in the
 * list when that control is gone.
 */
export function useReturnFocus(selectedVideoId: string | null, openedBy: string | null): void {
  const previous = useRef(selectedVideoId);
  useEffect(() => {
    const closed = selectedVideoId === null ? previous.current : null;
    previous.current = selectedVideoId;
    if (!closed) return;
    const opener = openedBy && document.getElementById(openedBy);
    (opener || document.getElementById(openerId(closed)))?.focus();
  }, [selectedVideoId, openedBy]);
}
