/** A tracker for the lifetime of a component with a player. */
import {
  type Tracker,
  type TrackerOptions,
  type TrackerView,
  trackProgress,
} from "progress-service-tracker";
import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { EMPTY_VIEW, elementOf, type Media } from "./media";
import { useOptionalTrackerClient } from "./provider";

export interface WatchProgressOptions
  extends Omit<TrackerOptions, "clock" | "outbox" | "deviceId" | "transport"> {
  /** Left out, the provider's. */
  deviceId?: TrackerOptions["deviceId"];
  /** Left out, the provider's. */
  transport?: TrackerOptions["transport"];
  /** The exact place, when `resumeAtSeconds` is before it: the `watch_time` of the resume response. */
  exactSeconds?: number;
  /**
   * Follow the place of a playing video in steps of this many seconds, so that the component renders
   * less often; pauses and seeks at once. Left out, at every `timeupdate`.
   */
  stepSeconds?: number;
  /** The component is unmounted, and its last report is acknowledged or has to be sent later. */
  onDetached?: () => void;
}

export interface WatchProgress extends TrackerView {
  /** Report now instead of after ten seconds. */
  reportNow: () => void;
  /** Bring the player to a place the learner chose, for example another device's. */
  seekTo: (positionSeconds: number) => void;
  /** Bring the player to the exact place; does nothing when that is unknown. */
  seekExact: () => void;
}

/**
 * Report what `media` plays, and follow its place.
 *
 * A new element, `videoId`, `deviceId` or `transport` starts a new session. Callbacks may change at any
 * time; `resumeAtSeconds` and `expectedDurationSeconds` are read when a session starts.
 *
 * @param media the element itself (null while there is none), or a ref that holds it
 */
export function useWatchProgress(media: Media, options: WatchProgressOptions): WatchProgress {
  const client = useOptionalTrackerClient();
  const { videoId, deviceId = client?.deviceId, transport = client?.transport } = options;
  const { exactSeconds, stepSeconds = 0 } = options;
  if (!deviceId || !transport) {
    throw new Error("useWatchProgress requires a ProgressProvider, or a deviceId and a transport");
  }
  const latest = useRef(options);
  useLayoutEffect(() => {
    latest.current = options;
  });
  const [tracker, setTracker] = useState<Tracker | null>(null);

  useEffect(() => {
    const element = elementOf(media);
    if (!element) return;
    const tracker = trackProgress(element, {
      videoId,
      deviceId,
      transport,
      outbox: client?.outbox,
      clock: client?.clock,
      resumeAtSeconds: latest.current.resumeAtSeconds,
      expectedDurationSeconds: latest.current.expectedDurationSeconds,
      onStored: (report) => latest.current.onStored?.(report),
      onRejected: (problem) => latest.current.onRejected?.(problem),
      onUnauthenticated: async () => {
        const renew = latest.current.onUnauthenticated ?? client?.onUnauthenticated;
        return (await renew?.()) ?? false;
      },
    });
    setTracker(tracker);
    return () => {
      void tracker.detach().then(() => latest.current.onDetached?.());
    };
  }, [media, videoId, deviceId, transport, client]);

  const subscribe = useCallback(
    (listener: () => void) => (tracker ? subscribeLater(tracker, listener) : () => {}),
    [tracker],
  );
  const shown = useRef(EMPTY_VIEW);
  const snapshot = () => {
    const view = tracker?.view ?? EMPTY_VIEW;
    if (!isSameStep(shown.current, view, stepSeconds)) shown.current = view;
    return shown.current;
  };
  const view = useSyncExternalStore(subscribe, snapshot, snapshot);
  const reportNow = useCallback(() => tracker?.reportNow(), [tracker]);
  const seekTo = useCallback((seconds: number) => tracker?.seekTo(seconds), [tracker]);
  const seekExact = useCallback(() => {
    if (exactSeconds !== undefined) tracker?.seekTo(exactSeconds);
  }, [tracker, exactSeconds]);
  return { ...view, reportNow, seekTo, seekExact };
}

function isSameStep(one: TrackerView, other: TrackerView, stepSeconds: number): boolean {
  if (!stepSeconds || !one.isPlaying || !other.isPlaying) return false;
  const stepOf = ({ positionSeconds }: TrackerView) => Math.floor(positionSeconds / stepSeconds);
  return one.durationSeconds === other.durationSeconds && stepOf(one) === stepOf(other);
}

/** The page renders in a task of its own, so that the task of a media event stays short. */
function subscribeLater(tracker: Tracker, listener: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = tracker.subscribe(() => {
    timer ??= setTimeout(() => {
      timer = undefined;
      listener();
    });
  });
  return () => {
    clearTimeout(timer);
    stop();
  };
}
