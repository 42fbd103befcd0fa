/** Reads the captions of a video without showing them. */
import { useEffect, useState } from "react";
import { captionsOf } from "../../../lib/media/captions";
import type { Cue } from "./words";

const NONE: readonly Cue[] = [];

export function useCaptions(video: HTMLVideoElement | null): readonly Cue[] {
  const [cues, setCues] = useState<readonly Cue[]>(NONE);
  useEffect(() => {
    if (!video) return;
    const read = () => {
      const [track] = captionsOf(video);
      if (!track) return;
      // A track that is off is not loaded.
      if (track.mode === "disabled") track.mode = "hidden";
      const found = [...(track.cues ?? [])].map(toCue);
      // The controls of the video may turn the track off, and with it the list.
      if (found.length > 0) setCues(found);
    };
    read();
    // The event of a track element does not bubble.
    video.addEventListener("load", read, { capture: true });
    video.addEventListener("loadedmetadata", read);
    return () => {
      video.removeEventListener("load", read, { capture: true });
      video.removeEventListener("loadedmetadata", read);
      setCues(NONE);
    };
  }, [video]);
  return cues;
}

function toCue(cue: TextTrackCue): Cue {
  const { startTime, endTime } = cue;
  return { startSeconds: startTime, endSeconds: endTime, text: textOf(cue) };
}

/** The text without its tags. */
function textOf(cue: TextTrackCue): string {
  return (cue as VTTCue).getCueAsHTML().textContent ?? "";
}
