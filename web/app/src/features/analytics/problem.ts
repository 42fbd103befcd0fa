/** Errors of the analytics pages, in words for teachers. */
import { analyticsStrings } from "../../analytics-strings";
import { ApiProblem } from "../../lib/api/problem";

const texts = analyticsStrings.problem;

/** One or two sentences; `missing` is what a 404 means. */
export function analyticsRemedy(error: unknown, missing: string): string {
  if (!(error instanceof ApiProblem)) return texts.other;
  if (error.isTimeout) return texts.unresponsive;
  if (error.status === 0) return texts.unreachable;
  if (error.status === 403) return texts.notTeacher;
  if (error.status === 404) return missing;
  if (error.status === 429) return texts.busy;
  return error.status >= 500 ? texts.notReady : texts.other;
}
