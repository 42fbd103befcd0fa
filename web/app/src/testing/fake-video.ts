/** Makes the page's video behave: happy-dom knows the element, but plays nothing. */
import { act, screen } from "@testing-library/react";

export const LENGTH_SECONDS = 600;

export async function theVideo(title = "Welcome"): Promise<HTMLVideoElement> {
  const video = (await screen.findByLabelText(title, { selector: "video" })) as HTMLVideoElement;
  set(video, { duration: LENGTH_SECONDS, paused: true, ended: false, seeking: false });
  // The player's effects follow its first picture.
  await act(async () => {});
  return video;
}

export function set(
  video: HTMLVideoElement,
  state: Partial<Record<keyof HTMLVideoElement, unknown>>,
) {
  for (const [name, value] of Object.entries(state)) {
    Object.defineProperty(video, name, { value, configurable: true, writable: true });
  }
}

export function say(video: HTMLVideoElement, event: string): void {
  act(() => {
    video.dispatchEvent(new Event(event));
  });
}

/** Metadata is there, and the seek to the saved place has landed. */
export function load(video: HTMLVideoElement): void {
  say(video, "loadedmetadata");
  if (video.currentTime > 0) say(video, "seeked");
}

/** The learner moves the playhead and pauses there, which is reported at once. */
export function pauseAt(video: HTMLVideoElement, positionSeconds: number): void {
  video.currentTime = positionSeconds;
  say(video, "seeking");
  say(video, "seeked");
  say(video, "pause");
}
