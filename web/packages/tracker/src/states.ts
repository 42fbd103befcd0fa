/** The newest states heard of: one frame more gives new ones. */
import type { CompletedFrame, CourseFrame, LiveFrame, PlayingFrame, ProgressFrame } from "./frames";

/** `polling`: states come over plain HTTP, since sockets fail. `stopped`: until `start` is called. */
export type Connection = "connecting" | "live" | "polling" | "offline" | "stopped";

/** By video or course. */
export interface LiveState {
  connection: Connection;
  progress: Record<string, ProgressFrame>;
  completed: Record<string, CompletedFrame>;
  courses: Record<string, CourseFrame>;
  /** Who else plays a video, and where; a frame is good for 30 s. */
  playing: Record<string, PlayingFrame>;
}

export const NOTHING = { progress: {}, completed: {}, courses: {}, playing: {} };

/** What `frame` changes. */
export function withFrame(known: LiveState, frame: LiveFrame): Partial<LiveState> {
  switch (frame.type) {
    case "progress":
      return { progress: { ...known.progress, [frame.videoId]: frame } };
    case "completed":
      return { completed: { ...known.completed, [frame.videoId]: frame } };
    case "playing":
      return { playing: { ...known.playing, [frame.videoId]: frame } };
    case "course":
      return { courses: { ...known.courses, [frame.courseId]: frame } };
    case "cleared":
      return NOTHING;
    default:
      return {};
  }
}

type ProgressByVideo = LiveState["progress"];

/** What came after `before`. */
export const changedSince = (before: ProgressByVideo, now: ProgressByVideo): ProgressByVideo =>
  Object.fromEntries(Object.entries(now).filter(([videoId, frame]) => frame !== before[videoId]));

const timeOf = (frame: ProgressFrame | undefined) => Date.parse(frame?.lastWatched ?? "") || 0;

/** Never watched is earlier than any time. */
export const isLater = (one: ProgressFrame | undefined, other: ProgressFrame): boolean =>
  timeOf(one) > timeOf(other);
