/**
 * What the service sends: the frames of its WebSocket, and where to resume.
 *
 * This package has no dependency, so the shapes are written here; a test compares them with the types
 * generated from the OpenAPI document.
 */

/** The state of one video, from any device; it replaces every earlier one. */
export interface ProgressFrame {
  type: "progress";
  videoId: string;
  watchTime: number;
  totalDuration: number;
  progressPercentage: number;
  completed: boolean;
  watchedSeconds: number;
  lastWatched: string | null;
  /** The device that reported the place, if it is known. */
  deviceId: string | null;
  cursor: string;
}

/** A video was completed. */
export interface CompletedFrame {
  type: "completed";
  videoId: string;
  completedAt: string;
  cursor: string;
}

/** Another device plays a video; it expires after 30 s without another frame. */
export interface PlayingFrame {
  type: "playing";
  videoId: string;
  deviceId: string;
  watchTime: number;
  observedAt: string;
}

/** A course changed; when `overallProgress` is null, read the course again. */
export interface CourseFrame {
  type: "course";
  courseId: string;
  enrolled: boolean;
  overallProgress: number | null;
  completedIds: string[] | null;
  completedAt: string | null;
}

/** All data of the student was erased. */
export interface ClearedFrame {
  type: "cleared";
}

/** Changes may have been missed; everything is read again. */
export interface ResyncFrame {
  type: "resync";
}

/** The first frame of the service: what changed since the cursor follows. */
export interface ReadyFrame {
  type: "ready";
  heartbeat_seconds: number;
}

export interface HeartbeatFrame {
  type: "heartbeat";
}

/** The frames that a page receives. */
export type LiveFrame =
  | ProgressFrame
  | CompletedFrame
  | PlayingFrame
  | CourseFrame
  | ClearedFrame
  | ResyncFrame;

/** A part of the video that a player may offer to skip. */
export interface Segment {
  start_seconds: number;
  end_seconds: number;
}

/** The response of `GET /api/progress/video/{video_id}/resume`. */
export interface ResumeResponse {
  /** Where to start, in seconds. */
  resume_at: number;
  reason:
    | "start"
    | "resume"
    | "chapter"
    | "intro"
    | "replay"
    | "rewatch"
    | "next"
    | "gap"
    | "shortened"
    | "further";
  /** How far before the exact place. */
  rewind_seconds: number;
  /** The exact place. */
  watch_time: number;
  /** The chapter of `resume_at`. */
  chapter: { title: string; start_seconds: number } | null;
  skip: { intro: Segment | null; outro: Segment | null };
  /** The places of other devices, newest first. */
  alternatives: {
    device_id: string;
    watch_time: number;
    last_watched: string;
    age_seconds: number;
  }[];
  next: { material_id: string; title: string; type: string } | null;
}
