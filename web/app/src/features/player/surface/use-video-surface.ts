/** Which controls a video has: the skin, or those of the browser when the skin cannot be loaded. */
import { useEffect, useState } from "react";
import { NativeVideo } from "./NativeVideo";
import type { VideoSurface } from "./video-surface";

/** A slower download has stalled. */
const LOAD_TIMEOUT_SECONDS = 5;

export type Controls = "skin" | "native";

/** Null while the skin is loading: replacing the controls would stop a playing video. */
export function useVideoSurface(controls: Controls): VideoSurface | null {
  const [skin, setSkin] = useState<VideoSurface | null>(null);
  useEffect(() => {
    if (controls !== "skin") return;
    let isPending = true;
    const choose = (surface: VideoSurface) => {
      if (isPending) setSkin(() => surface);
      isPending = false;
    };
    const timer = setTimeout(() => choose(NativeVideo), LOAD_TIMEOUT_SECONDS * 1000);
    import("../skin/SkinnedVideo").then(
      ({ SkinnedVideo }) => choose(SkinnedVideo),
      () => choose(NativeVideo),
    );
    return () => {
      isPending = false;
      clearTimeout(timer);
    };
  }, [controls]);
  return controls === "native" ? NativeVideo : skin;
}
