/** The public API of the tracker. */
export {
  createTrackerClient,
  type ResumePlace,
  ResumeProblem,
  type TrackerClient,
  type TrackerClientOptions,
} from "./client";
export { browserClock, type Cancel, type Clock } from "./clock";
export type {
  ClearedFrame,
  CompletedFrame,
  CourseFrame,
  LiveFrame,
  PlayingFrame,
  ProgressFrame,
  ResumeResponse,
  ResyncFrame,
  Segment,
} from "./frames";
export type { Failure, Problem } from "./http";
export { randomId } from "./ids";
export type { Span } from "./intervals";
export type { Locks } from "./locks";
export type { Network } from "./network";
export type { Outbox, OutboxState, Rejection } from "./outbox";
export type { ReadableStore } from "./readable-store";
export type { Report, ReportKind } from "./report";
export type { Socket } from "./socket";
export { indexedDbStore, type OutboxEntry, type ReportStore } from "./store";
export { type Tracker, type TrackerOptions, trackProgress } from "./tracker";
export type {
  Outcome,
  Transport,
} from "./transport";
export type { TrackerView } from "./view";
