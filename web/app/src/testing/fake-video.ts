/** Controls the video of the page: happy-dom has the element, but does not play. */
import { act, screen } from "@testing-library/react";

export const LENGTH_SECONDS = 600;

export async function theVideo(title = "Welcome"): Promise<HTMLVideoElement> {
  const video = (await screen.findByLabelText(title, { selector: "video" })) as HTMLVideoElement;
  set(video, { duration: LENGTH_SECONDS, paused: true, ended: false, seeking: false });
  // The effects of the player run after its first render.
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

export function fire(video: HTMLVideoElement, event: string): void {
  act(() => {
    video.dispatchEvent(new Event(event));
  });
}

/** The metadata has loaded, and the seek to the saved place has landed. */
export function load(video: HTMLVideoElement): void {
  fire(video, "loadedmetadata");
  if (video.currentTime > 0) fire(video, "seeked");
}

/** The learner seeks and pauses, which is reported at once. */
export function pauseAt(video: HTMLVideoElement, positionSeconds: number): void {
  video.currentTime = positionSeconds;
  fire(video, "seeking");
  fire(video, "seeked");
  fire(video, "pause");
}
