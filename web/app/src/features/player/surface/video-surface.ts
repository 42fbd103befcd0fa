/** The interface of a component that shows a video with controls. */
import type { ComponentType, ReactNode, Ref, SyntheticEvent } from "react";

export interface VideoSurfaceProps {
  ref: Ref<HTMLVideoElement>;
  title: string;
  /** Sources and tracks, as children of the video element. */
  files: ReactNode;
  /** Controls above the picture, in full screen too. */
  overlay: ReactNode;
  /** How much of the file is loaded before it plays. */
  preload: "auto" | "metadata" | "none";
  onError: (event: SyntheticEvent<HTMLVideoElement>) => void;
}

export type VideoSurface = ComponentType<VideoSurfaceProps>;

/** The element that receives the focus: the box of the skin with its keys, or the video itself. */
export function focusTargetOf(video: HTMLVideoElement | null): HTMLElement | null {
  return video?.closest<HTMLElement>('[tabindex="0"]') ?? video;
}
