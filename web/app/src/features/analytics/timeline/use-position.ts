/** Follows the position of a video. */
import { useEffect, useState } from "react";

const EVENTS = ["timeupdate", "seeking", "seeked", "loadedmetadata"] as const;

/** In seconds; 0 while there is no video. */
export function usePosition(video: HTMLVideoElement | null): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const follow = () => setSeconds(video?.currentTime ?? 0);
    follow();
    for (const event of EVENTS) video?.addEventListener(event, follow);
    return () => {
      for (const event of EVENTS) video?.removeEventListener(event, follow);
    };
  }, [video]);
  return seconds;
}
