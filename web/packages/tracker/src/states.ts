/** The newest states, and how a frame changes them. */
import type { CompletedFrame, CourseFrame, LiveFrame, PlayingFrame, ProgressFrame } from "./frames";

/** `polling`: over plain HTTP, because sockets fail. `stopped`: until `start` is called. */
export type Connection = "connecting" | "live" | "polling" | "offline" | "stopped";

/** By video or course. */
export interface LiveState {
  connection: Connection;
  progress: Record<string, ProgressFrame>;
  completed: Record<string, CompletedFrame>;
  courses: Record<string, CourseFrame>;
  /** Which device plays a video, and where; a frame expires after 30 s. */
  playing: Record<string, PlayingFrame>;
}

export const EMPTY = { progress: {}, completed: {}, courses: {}, playing: {} };

/** The part of the state that `frame` changes. */
export function reduceFrame(known: LiveState, frame: LiveFrame): Partial<LiveState> {
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
      return EMPTY;
    default:
      return {};
  }
}

type ProgressByVideo = LiveState["progress"];

/** The frames that are not in `before`. */
export const changedSince = (before: ProgressByVideo, now: ProgressByVideo): ProgressByVideo =>
  Object.fromEntries(Object.entries(now).filter(([videoId, frame]) => frame !== before[videoId]));

const timeOf = (frame: ProgressFrame | undefined) => Date.parse(frame?.lastWatched ?? "") || 0;

/** Never watched is earlier than any time. */
export const isLater = (one: ProgressFrame | undefined, other: ProgressFrame): boolean =>
  timeOf(one) > timeOf(other);
