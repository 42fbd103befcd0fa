/** Applies the stored speed, volume and captions to a video, and stores changes. */
import { type RefObject, useEffect } from "react";
import { areCaptionsShown, showCaptions } from "./captions";
import { readPreferences, savePreferences } from "./preferences";

export function usePreferences(video: RefObject<HTMLVideoElement | null>): void {
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    const { playbackRate, volume, isMuted, hasCaptions } = readPreferences();
    // Loading a file resets the rate to the default rate.
    element.defaultPlaybackRate = playbackRate;
    element.playbackRate = playbackRate;
    element.volume = volume;
    element.muted = isMuted;

    const stop = new AbortController();
    const listen = { signal: stop.signal };
    const saveCaptions = () => savePreferences({ hasCaptions: areCaptionsShown(element) });
    element.addEventListener(
      "loadeddata",
      () => {
        if (hasCaptions) showCaptions(element);
        // Until now the browser and the skin have chosen the track; from here on the learner does.
        element.textTracks?.addEventListener("change", saveCaptions, listen);
      },
      { ...listen, once: true },
    );
    element.addEventListener(
      "ratechange",
      () => savePreferences({ playbackRate: element.playbackRate }),
      listen,
    );
    element.addEventListener(
      "volumechange",
      () => savePreferences({ volume: element.volume, isMuted: element.muted }),
      listen,
    );
    return () => stop.abort();
  }, [video]);
}
