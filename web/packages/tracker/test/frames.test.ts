/** The types of the tracker equal those generated from the OpenAPI document; `tsc` checks this. */
import { expectTypeOf, test } from "vitest";
import type { ResumePoint } from "../../api-client/src";
import type { components } from "../../api-client/src/generated/schema";
import type {
  ClearedFrame,
  CompletedFrame,
  CourseFrame,
  HeartbeatFrame,
  PlayingFrame,
  ProgressFrame,
  ReadyFrame,
  ResumeResponse,
  ResyncFrame,
} from "../src/frames";

type Documented = components["schemas"];

test("frame types accept the documented frames", () => {
  expectTypeOf<Documented["ProgressFrame"]>().toExtend<ProgressFrame>();
  expectTypeOf<Documented["CompletedFrame"]>().toExtend<CompletedFrame>();
  expectTypeOf<Documented["PlayingFrame"]>().toExtend<PlayingFrame>();
  expectTypeOf<Required<Documented["CourseFrame"]>>().toExtend<CourseFrame>();
  expectTypeOf<Documented["ClearedFrame"]>().toExtend<ClearedFrame>();
  expectTypeOf<Documented["ResyncFrame"]>().toExtend<ResyncFrame>();
  expectTypeOf<Documented["ReadyFrame"]>().toExtend<ReadyFrame>();
  expectTypeOf<Documented["HeartbeatFrame"]>().toExtend<HeartbeatFrame>();
});

test("resume type accepts the documented response", () => {
  expectTypeOf<ResumePoint>().toExtend<ResumeResponse>();
});
