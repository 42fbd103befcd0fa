/** The action of each key. The skin has the same keys while the focus is inside it. */
import { captionsOf } from "../../../lib/media/captions";
import { focusTargetOf } from "../surface/video-surface";

const ARROW_SECONDS = 5;
const LETTER_SECONDS = 10;
const VOLUME_STEP = 0.05;
const RATES = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];

type Action = (video: HTMLVideoElement) => void;

const ACTIONS: Readonly<Record<string, Action>> = {
  " ": togglePlay,
  k: togglePlay,
  arrowleft: (video) => seekBy(video, -ARROW_SECONDS),
  arrowright: (video) => seekBy(video, ARROW_SECONDS),
  j: (video) => seekBy(video, -LETTER_SECONDS),
  l: (video) => seekBy(video, LETTER_SECONDS),
  home: (video) => seekTo(video, 0),
  end: (video) => seekTo(video, Number.POSITIVE_INFINITY),
  arrowup: (video) => changeVolume(video, VOLUME_STEP),
  arrowdown: (video) => changeVolume(video, -VOLUME_STEP),
  m: (video) => {
    video.muted = !video.muted;
  },
  c: toggleCaptions,
  f: toggleFullscreen,
  i: togglePictureInPicture,
  "<": (video) => changeRate(video, -1),
  ">": (video) => changeRate(video, 1),
};

/** These scroll the page, unless the focus is in the player. */
const SCROLLING_KEYS = new Set(["arrowup", "arrowdown", "home", "end"]);

export function scrollsPage(key: string): boolean {
  return SCROLLING_KEYS.has(key.toLowerCase());
}

/** Null for a key without an action. */
export function actionOf(key: string): Action | null {
  if (/^[0-9]$/.test(key)) return (video) => seekTo(video, (Number(key) / 10) * video.duration);
  return ACTIONS[key.toLowerCase()] ?? null;
}

function togglePlay(video: HTMLVideoElement): void {
  if (video.paused) void video.play().catch(() => {});
  else video.pause();
}

const seekBy = (video: HTMLVideoElement, seconds: number) =>
  seekTo(video, video.currentTime + seconds);

function seekTo(video: HTMLVideoElement, seconds: number): void {
  // Without a length the file is not loaded yet, or is a live recording.
  if (!Number.isFinite(video.duration)) return;
  video.currentTime = Math.min(Math.max(0, seconds), video.duration);
}

function changeVolume(video: HTMLVideoElement, step: number): void {
  video.volume = Math.min(1, Math.max(0, video.volume + step));
  video.muted = false;
}

function changeRate(video: HTMLVideoElement, steps: 1 | -1): void {
  const { playbackRate } = video;
  const next =
    steps > 0
      ? RATES.find((rate) => rate > playbackRate)
      : RATES.findLast((rate) => rate < playbackRate);
  if (next !== undefined) video.playbackRate = next;
}

function toggleCaptions(video: HTMLVideoElement): void {
  const captions = captionsOf(video);
  const shown = captions.find(({ mode }) => mode === "showing");
  if (shown) shown.mode = "disabled";
  else if (captions[0]) captions[0].mode = "showing";
}

function toggleFullscreen(video: HTMLVideoElement): void {
  const change = document.fullscreenElement
    ? document.exitFullscreen()
    : focusTargetOf(video)?.requestFullscreen?.();
  change?.catch(() => {});
}

function togglePictureInPicture(video: HTMLVideoElement): void {
  const change = document.pictureInPictureElement
    ? document.exitPictureInPicture()
    : video.requestPictureInPicture?.();
  change?.catch(() => {});
}
