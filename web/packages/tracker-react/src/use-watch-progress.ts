/** A tracker for as long as a component shows a player. */
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
import { elementOf, type Media, NOTHING_YET } from "./media";
import { useOptionalLink } from "./provider";

export interface WatchProgressOptions
  extends Omit<TrackerOptions, "clock" | "random" | "outbox" | "deviceId" | "transport"> {
  /** Left out, the provider's. */
  deviceId?: TrackerOptions["deviceId"];
  /** Left out, the provider's. */
  transport?: TrackerOptions["transport"];
  /** The exact place, when `resumeAtSeconds` lies before it: the resume answer's `watch_time`. */
  exactSeconds?: number;
  /**
   * Follow the place of a playing video in steps of so many seconds, so that the component is drawn
   * less often. Left out, at every `timeupdate`; pauses and seeks count at once.
   */
  stepSeconds?: number;
  /** The component is gone and its last report has been answered, or has to wait. */
  onDetached?: () => void;
}

export interface WatchProgress extends TrackerView {
  /** Report without waiting for the next ten seconds. */
  reportNow: () => void;
  /** Bring the player to a place the learner chose, such as another device's. */
  seekTo: (positionSeconds: number) => void;
  /** Bring the player to the exact place; does nothing when that is unknown. */
  seekExact: () => void;
}

/**
 * Report what `media` plays, and follow its place.
 *
 * A new element, `videoId`, `deviceId` or `transport` starts a new session; the callbacks may change
 * freely, and `resumeAtSeconds` and `expectedDurationSeconds` are read when a session starts.
 *
 * @param media the element itself (null while there is none), or a ref that holds it
 */
export function useWatchProgress(media: Media, options: WatchProgressOptions): WatchProgress {
  const link = useOptionalLink();
  const { videoId, deviceId = link?.deviceId, transport = link?.transport } = options;
  const { exactSeconds, stepSeconds = 0 } = options;
  if (!deviceId || !transport) {
    throw new Error("useWatchProgress wants a ProgressProvider, or a deviceId and a transport");
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
      outbox: link?.outbox,
      clock: link?.clock,
      resumeAtSeconds: latest.current.resumeAtSeconds,
      expectedDurationSeconds: latest.current.expectedDurationSeconds,
      onStored: (report) => latest.current.onStored?.(report),
      onRefused: (refusal) => latest.current.onRefused?.(refusal),
      onUnauthenticated: async () => {
        const renew = latest.current.onUnauthenticated ?? link?.onUnauthenticated;
        return (await renew?.()) ?? false;
      },
    });
    setTracker(tracker);
    return () => {
      void tracker.detach().then(() => latest.current.onDetached?.());
    };
  }, [media, videoId, deviceId, transport, link]);

  const subscribe = useCallback(
    (listener: () => void) => (tracker ? subscribeLater(tracker, listener) : () => {}),
    [tracker],
  );
  const shown = useRef(NOTHING_YET);
  const snapshot = () => {
    const view = tracker?.view ?? NOTHING_YET;
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

/** The page is drawn in a task of its own: a media event carries the tracker's work alone. */
function subscribeLater(tracker: Tracker, listener: () => void): () => void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const stop = tracker.subscribe(() => {
    waiting ??= setTimeout(() => {
      waiting = undefined;
      listener();
    });
  });
  return () => {
    clearTimeout(waiting);
    stop();
  };
}
