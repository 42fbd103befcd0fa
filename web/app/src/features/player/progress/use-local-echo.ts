/** Shows the place of this player in the lists while it plays, with or without a network. */
import type { WatchProgress } from "progress-service-tracker-react";
import { useEffect, useRef } from "react";
import { useProgressCache } from "../../../lib/progress/progress-cache";

/** Frequent enough for a progress bar, without needless renders. */
const EVERY_SECONDS = 5;

interface LocalEchoOptions {
  /** The place is not stored anywhere, so the lists must not show it. */
  isPaused: boolean;
}

export function useLocalEcho(
  videoId: string,
  progress: WatchProgress,
  { isPaused }: LocalEchoOptions,
): void {
  const { notePlace } = useProgressCache();
  const { isPlaying, positionSeconds, durationSeconds } = progress;
  const hasPlayed = useRef(false);
  const place = useRef({ watch_time: 0, total_duration: 0 });
  place.current = { watch_time: positionSeconds, total_duration: durationSeconds };
  hasPlayed.current = !isPaused && (hasPlayed.current || isPlaying);
  const step = Math.floor(positionSeconds / EVERY_SECONDS);

  // A player that was only opened has not watched its place again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs at each step and each pause.
  useEffect(() => {
    if (hasPlayed.current) notePlace(videoId, place.current);
    return () => {
      if (hasPlayed.current) notePlace(videoId, place.current);
    };
  }, [videoId, step, isPlaying, notePlace]);
}
