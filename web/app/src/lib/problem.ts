/** What went wrong with a call, and what the learner can do about it. */
import { strings } from "../strings";

const SILENT = "silent";

/** An answer other than success; `status` 0 stands for no answer at all. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(code);
  }

  /** The service took the call and never answered it. */
  get isSilent(): boolean {
    return this.code === SILENT;
  }

  /** Worth asking again without being told to. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

interface Call<Body> {
  data?: Body;
  error?: unknown;
  response: Response;
}

/** The body of a successful call; anything else is thrown as an `ApiProblem`. */
export async function answerOf<Body>(call: Promise<Call<Body>>): Promise<Body> {
  const { data, error, response } = await call.catch((error: unknown) => {
    const isSilent = error instanceof DOMException && error.name === "TimeoutError";
    throw new ApiProblem(0, isSilent ? SILENT : "unreachable");
  });
  // A call that has nothing to say (204) has no body, and its caller expects none.
  if (response.ok) return data as Body;
  const { code = "unknown" } = (error ?? {}) as Record<string, string>;
  throw new ApiProblem(response.status, code);
}

/**
 * One or two sentences for the learner: what happened and what helps. Never the service's own: those
 * are for programmers, and name fields.
 */
export function remedyFor(error: unknown): string {
  if (!(error instanceof ApiProblem)) return strings.problem.broken;
  if (error.isSilent) return strings.problem.silent;
  if (error.status === 0) return strings.problem.unreachable;
  if (error.status === 403) return strings.problem.forbidden;
  if (error.status === 404) return strings.problem.missing;
  if (error.status === 429) return strings.problem.busy;
  if (error.status >= 500) return strings.problem.broken;
  return strings.problem.other;
}
