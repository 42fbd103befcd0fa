/** The shapes written down here are those of the service's document; `tsc` is what can fail. */
import { expectTypeOf, test } from "vitest";
import type { components } from "../../api-client/src/generated/schema";
import type {
  CompletedFrame,
  CourseFrame,
  PlayingFrame,
  ProgressFrame,
  ResumeAnswer,
} from "../src/frames";

type Documented = components["schemas"];

test("what the service documents is what is expected of it", () => {
  expectTypeOf<Documented["ProgressFrame"]>().toExtend<ProgressFrame>();
  expectTypeOf<Documented["CompletedFrame"]>().toExtend<CompletedFrame>();
  expectTypeOf<Documented["PlayingFrame"]>().toExtend<PlayingFrame>();
  expectTypeOf<Required<Documented["CourseFrame"]>>().toExtend<CourseFrame>();
  expectTypeOf<Documented["ResumeAnswer"]>().toExtend<ResumeAnswer>();
});
