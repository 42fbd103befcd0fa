/** The captions of a video, among its text tracks. */
export function captionsOf(video: HTMLVideoElement): TextTrack[] {
  return [...(video.textTracks ?? [])].filter(({ kind }) =>
    ["captions", "subtitles"].includes(kind),
  );
}

export const areCaptionsShown = (video: HTMLVideoElement): boolean =>
  captionsOf(video).some(({ mode }) => mode === "showing");

/** Show the first captions, unless others are shown. */
export function showCaptions(video: HTMLVideoElement): void {
  const [first] = captionsOf(video);
  if (first && !areCaptionsShown(video)) first.mode = "showing";
}
