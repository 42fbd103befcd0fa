/** Where the picture is: in full screen, and in view after a phone was turned. */
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

/** A turned phone lays the page out anew, and what was in view is somewhere else. */
export function usePictureInViewAfterTurn(video: RefObject<HTMLVideoElement | null>): void {
  useEffect(() => {
    const orientation = matchMedia("(orientation: landscape)");
    const show = () =>
      // After the layout for the new size.
      requestAnimationFrame(() =>
        video.current?.scrollIntoView({ block: "center", behavior: "instant" }),
      );
    orientation.addEventListener("change", show);
    return () => orientation.removeEventListener("change", show);
  }, [video]);
}
