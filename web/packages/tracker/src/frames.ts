/** What the service says live, and where to go on: the shapes of its OpenAPI document. */

/** The state of one video on whatever device; it replaces every earlier one. */
export interface ProgressFrame {
  type: "progress";
  videoId: string;
  watchTime: number;
  totalDuration: number;
  progressPercentage: number;
  completed: boolean;
  watchedSeconds: number;
  lastWatched: string | null;
  /** The device the place comes from, if it said so. */
  deviceId: string | null;
  cursor: string;
}

/** A video is done now. */
export interface CompletedFrame {
  type: "completed";
  videoId: string;
  completedAt: string;
  cursor: string;
}

/** Another device plays this, and was here; good until nothing more is heard for 30 s. */
export interface PlayingFrame {
  type: "playing";
  videoId: string;
  deviceId: string;
  watchTime: number;
  observedAt: string;
}

/** A course changed; `overallProgress` null means: read it again. */
export interface CourseFrame {
  type: "course";
  courseId: string;
  enrolled: boolean;
  overallProgress: number | null;
  completedIds: string[] | null;
  completedAt: string | null;
}

/** Everything held about the student was erased. */
export interface ClearedFrame {
  type: "cleared";
}

/** Changes may have been missed; everything is being read again. */
export interface ResyncFrame {
  type: "resync";
}

export type LiveFrame =
  | ProgressFrame
  | CompletedFrame
  | PlayingFrame
  | CourseFrame
  | ClearedFrame
  | ResyncFrame;

/** A stretch of the video that a player may offer to skip. */
export interface Stretch {
  start_seconds: number;
  end_seconds: number;
}

/** The answer of `GET /api/progress/video/{video_id}/resume`. */
export interface ResumeAnswer {
  /** Where to start. */
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
  skip: { intro: Stretch | null; outro: Stretch | null };
  /** Other devices' places, newest first. */
  alternatives: {
    device_id: string;
    watch_time: number;
    last_watched: string;
    age_seconds: number;
  }[];
  next: { material_id: string; title: string; type: string } | null;
}
