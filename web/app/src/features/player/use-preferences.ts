/** Gives a video the speed, volume and captions of the last one, and keeps what is changed. */
import { type RefObject, useEffect } from "react";
import { readPreferences, savePreferences } from "./preferences";

export function usePreferences(video: RefObject<HTMLVideoElement | null>): void {
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    const { playbackRate, volume, isMuted, hasCaptions } = readPreferences();
    // Loading a file sets the rate to the default one.
    element.defaultPlaybackRate = playbackRate;
    element.playbackRate = playbackRate;
    element.volume = volume;
    element.muted = isMuted;

    const stop = new AbortController();
    const listen = { signal: stop.signal };
    const keepCaptions = () => savePreferences({ hasCaptions: areShown(element) });
    element.addEventListener(
      "loadeddata",
      () => {
        if (hasCaptions) show(element);
        // The browser and the skin choose among the tracks before; the learner does from here on.
        element.textTracks?.addEventListener("change", keepCaptions, listen);
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

export function captionsOf(video: HTMLVideoElement): TextTrack[] {
  return [...(video.textTracks ?? [])].filter(({ kind }) =>
    ["captions", "subtitles"].includes(kind),
  );
}

const areShown = (video: HTMLVideoElement) =>
  captionsOf(video).some(({ mode }) => mode === "showing");

function show(video: HTMLVideoElement): void {
  const [first] = captionsOf(video);
  if (first && !areShown(video)) first.mode = "showing";
}
