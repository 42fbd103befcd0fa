/** Shared by the hooks for players. */
import type { TrackerView } from "progress-service-tracker";
import type { RefObject } from "react";

/** The element itself (null while there is none), or a ref that holds it. */
export type Media = HTMLMediaElement | null | RefObject<HTMLMediaElement | null>;

export const elementOf = (media: Media): HTMLMediaElement | null =>
  media && "current" in media ? media.current : media;

/** The view before the media has loaded. */
export const EMPTY_VIEW: TrackerView = {
  positionSeconds: 0,
  durationSeconds: 0,
  percent: 0,
  remainingSeconds: 0,
  isPlaying: false,
};
