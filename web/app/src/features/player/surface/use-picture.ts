/** Full screen, and scrolling to the picture after a phone was turned. */
import { type RefObject, useEffect, useState } from "react";

export function useFullscreen(): boolean {
  const [isFullscreen, setFullscreen] = useState(() => document.fullscreenElement != null);
  useEffect(() => {
    const follow = () => setFullscreen(document.fullscreenElement != null);
    document.addEventListener("fullscreenchange", follow);
    return () => document.removeEventListener("fullscreenchange", follow);
  }, []);
  return isFullscreen;
}

/** Turning a phone changes the layout, and may move the picture out of view. */
export function usePictureInViewAfterTurn(video: RefObject<HTMLVideoElement | null>): void {
  useEffect(() => {
    const orientation = matchMedia("(orientation: landscape)");
    const show = () =>
      // After the new layout.
      requestAnimationFrame(() =>
        video.current?.scrollIntoView({ block: "center", behavior: "instant" }),
      );
    orientation.addEventListener("change", show);
    return () => orientation.removeEventListener("change", show);
  }, [video]);
}
