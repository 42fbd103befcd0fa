/** What a video needs from the thing that shows it; the page does not care which one does. */
import type { ComponentType, ReactNode, Ref, SyntheticEvent } from "react";

export interface ScreenProps {
  ref: Ref<HTMLVideoElement>;
  title: string;
  /** Sources and tracks, as children of the video element. */
  files: ReactNode;
  /** Buttons above the picture, in full screen too. */
  overlay: ReactNode;
  /** How much of the file is read before it plays. */
  preload: "auto" | "metadata" | "none";
  onError: (event: SyntheticEvent<HTMLVideoElement>) => void;
}

export type Screen = ComponentType<ScreenProps>;

/** What takes the keyboard for the picture: the box whose keys steer it, or the bare video itself. */
export function keyboardOf(video: HTMLVideoElement | null): HTMLElement | null {
  return video?.closest<HTMLElement>('[tabindex="0"]') ?? video;
}
