/** The hooks' public face. */
"use client"; // In a framework with server components these hooks belong to the browser's side.

export type { Media } from "./media";
export { ProgressProvider, type ProgressProviderProps, useLink, useLive } from "./provider";
export { type AttachView, useAttach } from "./use-attach";
export { type LiveListeners, useLiveFrames, useLiveProgress } from "./use-live-progress";
export { type OutboxView, useOutbox } from "./use-outbox";
export { type ResumeView, useResume } from "./use-resume";
export {
  useWatchProgress,
  type WatchProgress,
  type WatchProgressOptions,
} from "./use-watch-progress";
