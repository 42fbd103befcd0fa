/** Updates the page when another tab or device plays, and after stored reports were sent. */
import { useLiveFrames, useTrackerClient } from "progress-service-tracker-react";
import { useEffect, useRef } from "react";
import { useService } from "../../lib/api/service";
import { useProgressCache } from "../../lib/progress/progress-cache";

/** The shelf changes rarely, so it is read once for many frames. */
const SHELF_DELAY_MS = 1500;

/** @param openVideoId the video that is open in this tab, if any */
export function useLivePage(openVideoId: string | null): void {
  const { deviceId } = useService();
  const cache = useProgressCache();
  const shelfTimer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(shelfTimer.current), []);
  useDrained(cache.refresh);

  useLiveFrames({
    onProgress(frame) {
      // This player updates its place itself; its reports come back later.
      if (frame.videoId === openVideoId && frame.deviceId === deviceId) return;
      cache.noteProgress(frame);
      clearTimeout(shelfTimer.current);
      shelfTimer.current = setTimeout(() => void cache.refreshShelf(), SHELF_DELAY_MS);
    },
    onCourse(frame) {
      if (!frame.enrolled || !cache.noteCourse(frame)) void cache.refreshCourse(frame.courseId);
    },
    onResync: () => void cache.refresh(),
  });
}

/** Call `onDrained` when all stored reports of this device were sent. */
function useDrained(onDrained: () => void): void {
  const { outbox } = useTrackerClient();
  useEffect(() => {
    let wasDraining = outbox.state.isDraining;
    return outbox.subscribe(() => {
      const { isDraining, waiting } = outbox.state;
      if (wasDraining && !isDraining && waiting === 0) onDrained();
      wasDraining = isDraining;
    });
  }, [outbox, onDrained]);
}
