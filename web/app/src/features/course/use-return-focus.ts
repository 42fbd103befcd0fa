/** Moves the focus to the material with which the learner continues. */
import { useEffect, useRef } from "react";

/** The id of the control of a material: it opens the video, or marks the reading. */
export function openerId(materialId: string): string {
  return `open-${materialId}`;
}

/** After the next frame, because the material may be rendered only then. */
export function focusMaterial(materialId: string): void {
  requestAnimationFrame(() => document.getElementById(openerId(materialId))?.focus());
}

/**
 * After a video is closed, focus the control that opened it, or its material in the list when that
 * control is gone.
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
