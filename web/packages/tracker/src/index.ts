/** The tracker's public face. */
export type { Failure, Refusal } from "./calls";
export { browserClock, type Cancel, type Clock } from "./clock";
export type {
  ClearedFrame,
  CompletedFrame,
  CourseFrame,
  LiveFrame,
  PlayingFrame,
  ProgressFrame,
  ResumeAnswer,
  ResyncFrame,
  Stretch,
} from "./frames";
export { randomId } from "./ids";
export type { Span } from "./intervals";
export { type Link, type LinkOptions, openLink, type ResumePlace, ResumeProblem } from "./link";
export type { Locks } from "./locks";
export type { Network } from "./network";
export type { Followed } from "./observable";
export type { Outbox, OutboxState, Rejection } from "./outbox";
export type { Report, ReportKind } from "./report";
export type { Socket } from "./socket";
export { indexedDbStore, type Kept, type ReportStore } from "./store";
export { type Tracker, type TrackerOptions, trackProgress } from "./tracker";
export type {
  Outcome,
  Transport,
} from "./transport";
export type { TrackerView } from "./view";
