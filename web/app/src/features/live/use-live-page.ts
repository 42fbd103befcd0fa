/** Moves the page when another device plays: bars, ticks, totals and the shelf. */
import { useLiveFrames } from "@progress/tracker-react";
import { useEffect, useRef } from "react";
import { useProgressCache } from "../../lib/progress-cache";
import { useService } from "../../lib/service";

/** The shelf changes seldom, and is read once for many frames. */
const SHELF_AFTER_MS = 1500;

export function useLivePage(): void {
  const { deviceId } = useService();
  const cache = useProgressCache();
  const shelfTimer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(shelfTimer.current), []);

  useLiveFrames({
    onProgress(frame) {
      // This device's own place is shown as it moves; its reports come back later.
      if (frame.deviceId === deviceId) return;
      cache.noteProgress(frame);
      clearTimeout(shelfTimer.current);
      shelfTimer.current = setTimeout(() => void cache.refreshShelf(), SHELF_AFTER_MS);
    },
    onCourse(frame) {
      if (!frame.enrolled || !cache.noteCourse(frame)) void cache.refreshCourse(frame.courseId);
    },
    onCleared: () => void cache.clear(),
    onResync: () => void cache.refresh(),
  });
}
