/** The captions of a video, among its text tracks. */
export function captionsOf(video: HTMLVideoElement): TextTrack[] {
  return [...(video.textTracks ?? [])].filter(({ kind }) =>
    ["captions", "subtitles"].includes(kind),
  );
}
