/** Live states of other devices. */
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

/** Each is called once for every frame of its kind, in its newest version. */
export interface LiveListeners {
  onProgress?: (frame: ProgressFrame) => void;
  onCompleted?: (frame: CompletedFrame) => void;
  onPlaying?: (frame: PlayingFrame) => void;
  onCourse?: (frame: CourseFrame) => void;
  /** All data of the learner was erased: clear it here too. */
  onCleared?: () => void;
  /** Changes may have been missed: read again what other requests returned. */
  onResync?: () => void;
}

/** Call the listeners without following the states, so that no frame causes a render. */
export function useLiveFrames(listeners: LiveListeners): void {
  const live = useLive();
  const latest = useRef(listeners);
  useLayoutEffect(() => {
    latest.current = listeners;
  });
  useEffect(() => live.onFrame((frame) => dispatch(latest.current, frame)), [live]);
}

/** The connection and the newest states, by video and course; calls `listeners` for each frame. */
export function useLiveProgress(listeners: LiveListeners = {}): LiveState {
  const live = useLive();
  useLiveFrames(listeners);
  const snapshot = () => live.state;
  // A server renders the state before the first frame.
  return useSyncExternalStore(live.subscribe, snapshot, snapshot);
}

function dispatch(listeners: LiveListeners, frame: LiveFrame): void {
  if (frame.type === "progress") listeners.onProgress?.(frame);
  else if (frame.type === "completed") listeners.onCompleted?.(frame);
  else if (frame.type === "playing") listeners.onPlaying?.(frame);
  else if (frame.type === "course") listeners.onCourse?.(frame);
  else if (frame.type === "cleared") listeners.onCleared?.();
  else if (frame.type === "resync") listeners.onResync?.();
}
