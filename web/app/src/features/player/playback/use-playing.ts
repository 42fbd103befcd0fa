/** Autoplay, and whether the video plays or has ended. */
import { type RefObject, useEffect, useState } from "react";

interface AutoPlayOptions {
  isEnabled: boolean;
  /** The target of the first seek. */
  startSeconds: number;
}

/** Play once the video is in its place. */
export function useAutoPlay(
  video: RefObject<HTMLVideoElement | null>,
  { isEnabled, startSeconds }: AutoPlayOptions,
): void {
  const [hasLanded, setLanded] = useState(false);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    const land = () => setLanded(true);
    // A start at 0 needs no seek.
    const event = startSeconds > 0 ? "seeked" : "loadedmetadata";
    if (startSeconds <= 0 && element.readyState >= element.HAVE_METADATA) land();
    element.addEventListener(event, land, { once: true });
    return () => element.removeEventListener(event, land);
  }, [video, startSeconds]);
  useEffect(() => {
    // Browsers may block this without a recent click; the learner presses play then.
    if (isEnabled && hasLanded) video.current?.play().catch(() => {});
  }, [video, isEnabled, hasLanded]);
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

/** Whether it has played to its end, without a seek or play since. */
export function useEnded(video: RefObject<HTMLVideoElement | null>): boolean {
  const [hasEnded, setEnded] = useState(false);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    const end = () => setEnded(true);
    const resume = () => setEnded(false);
    element.addEventListener("ended", end);
    element.addEventListener("seeking", resume);
    element.addEventListener("playing", resume);
    return () => {
      element.removeEventListener("ended", end);
      element.removeEventListener("seeking", resume);
      element.removeEventListener("playing", resume);
    };
  }, [video]);
  return hasEnded;
}
