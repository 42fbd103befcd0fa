/** Moves the page when another tab or device plays, and when what was kept here has arrived. */
import { useLink, useLiveFrames } from "progress-service-tracker-react";
import { useEffect, useRef } from "react";
import { useProgressCache } from "../../lib/progress-cache";
import { useService } from "../../lib/service";

/** The shelf changes seldom, and is read once for many frames. */
const SHELF_AFTER_MS = 1500;

/** @param openVideoId the video that is open in this very tab, if any */
export function useLivePage(openVideoId: string | null): void {
  const { deviceId } = useService();
  const cache = useProgressCache();
  const shelfTimer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(shelfTimer.current), []);
  useHandedIn(cache.refresh);

  useLiveFrames({
    onProgress(frame) {
      // The place of the player here is shown as it moves; its reports come back later.
      if (frame.videoId === openVideoId && frame.deviceId === deviceId) return;
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

/** Tells when everything kept on this device is answered for: the service knows it all then. */
function useHandedIn(onHandedIn: () => void): void {
  const { outbox } = useLink();
  useEffect(() => {
    let wasDraining = outbox.state.isDraining;
    return outbox.subscribe(() => {
      const { isDraining, waiting } = outbox.state;
      if (wasDraining && !isDraining && waiting === 0) onHandedIn();
      wasDraining = isDraining;
    });
  }, [outbox, onHandedIn]);
}
