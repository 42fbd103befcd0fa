/** Whether the captions of a video are shown. */
import { captionsOf } from "../../../lib/media/captions";

export const areCaptionsShown = (video: HTMLVideoElement): boolean =>
  captionsOf(video).some(({ mode }) => mode === "showing");

/** Show the first captions, unless others are shown. */
export function showCaptions(video: HTMLVideoElement): void {
  const [first] = captionsOf(video);
  if (first && !areCaptionsShown(video)) first.mode = "showing";
}
