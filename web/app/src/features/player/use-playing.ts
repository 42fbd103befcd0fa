/** Lets a video start by itself, and tells the page whether it plays. */
import { type RefObject, useEffect, useState } from "react";

interface AutoPlayOptions {
  isWanted: boolean;
  /** Where the tracker brings it first. */
  startSeconds: number;
}

/** Play once the video stands where it starts. */
export function useAutoPlay(
  video: RefObject<HTMLVideoElement | null>,
  { isWanted, startSeconds }: AutoPlayOptions,
): void {
  const [hasLanded, setLanded] = useState(false);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    const land = () => setLanded(true);
    // Nothing is sought for a start at 0.
    const event = startSeconds > 0 ? "seeked" : "loadedmetadata";
    if (startSeconds <= 0 && element.readyState >= element.HAVE_METADATA) land();
    element.addEventListener(event, land, { once: true });
    return () => element.removeEventListener(event, land);
  }, [video, startSeconds]);
  useEffect(() => {
    // A browser may refuse what was not clicked a moment ago: then the learner presses play.
    if (isWanted && hasLanded) video.current?.play().catch(() => {});
  }, [video, isWanted, hasLanded]);
}

export function usePlayingChange(
  isPlaying: boolean,
  onPlayingChange: ((isPlaying: boolean) => void) | undefined,
): void {
  useEffect(() => {
    if (!isPlaying || !onPlayingChange) return;
    onPlayingChange(true);
    return () => onPlayingChange(false);
  }, [isPlaying, onPlayingChange]);
}

/** Whether it has played to its end, and was neither moved nor played since. */
export function useEnded(video: RefObject<HTMLVideoElement | null>): boolean {
  const [hasEnded, setEnded] = useState(false);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    const end = () => setEnded(true);
    const goOn = () => setEnded(false);
    element.addEventListener("ended", end);
    element.addEventListener("seeking", goOn);
    element.addEventListener("playing", goOn);
    return () => {
      element.removeEventListener("ended", end);
      element.removeEventListener("seeking", goOn);
      element.removeEventListener("playing", goOn);
    };
  }, [video]);
  return hasEnded;
}
