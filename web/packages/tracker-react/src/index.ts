/** The public API of the hooks. */
"use client"; // In a framework with server components these hooks run in the browser.

export type { Media } from "./media";
export {
  ProgressProvider,
  type ProgressProviderProps,
  useLive,
  useTrackerClient,
} from "./provider";
export { type AttachView, useAttach } from "./use-attach";
export { type LiveListeners, useLiveFrames, useLiveProgress } from "./use-live-progress";
export { type OutboxView, useOutbox } from "./use-outbox";
export { type ResumeView, useResume } from "./use-resume";
export {
  useWatchProgress,
  type WatchProgress,
  type WatchProgressOptions,
} from "./use-watch-progress";
