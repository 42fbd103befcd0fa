/** What other devices do, as it happens. */
import type {
  CompletedFrame,
  CourseFrame,
  LiveFrame,
  PlayingFrame,
  ProgressFrame,
} from "progress-service-tracker";
import type { LiveState } from "progress-service-tracker/live";
import { useEffect, useLayoutEffect, useRef, useSyncExternalStore } from "react";
import { useLive } from "./provider";

/** Each is called once for every frame of its kind; all may change freely. */
export interface LiveListeners {
  onProgress?: (frame: ProgressFrame) => void;
  onCompleted?: (frame: CompletedFrame) => void;
  onPlaying?: (frame: PlayingFrame) => void;
  onCourse?: (frame: CourseFrame) => void;
  /** Everything held about the learner was erased: forget it too. */
  onCleared?: () => void;
  /** Changes may have been missed: read again what came by other calls. */
  onResync?: () => void;
}

/** Listen without following the states, so that no frame draws anything again. */
export function useLiveFrames(listeners: LiveListeners): void {
  const live = useLive();
  const latest = useRef(listeners);
  useLayoutEffect(() => {
    latest.current = listeners;
  });
  useEffect(() => live.onFrame((frame) => tell(latest.current, frame)), [live]);
}

/** The connection and the newest states, by video and course; `listeners` hear of each frame. */
export function useLiveProgress(listeners: LiveListeners = {}): LiveState {
  const live = useLive();
  useLiveFrames(listeners);
  const snapshot = () => live.state;
  // A server renders what a page shows before it has heard anything.
  return useSyncExternalStore(live.subscribe, snapshot, snapshot);
}

function tell(listeners: LiveListeners, frame: LiveFrame): void {
  if (frame.type === "progress") listeners.onProgress?.(frame);
  else if (frame.type === "completed") listeners.onCompleted?.(frame);
  else if (frame.type === "playing") listeners.onPlaying?.(frame);
  else if (frame.type === "course") listeners.onCourse?.(frame);
  else if (frame.type === "cleared") listeners.onCleared?.();
  else if (frame.type === "resync") listeners.onResync?.();
}
