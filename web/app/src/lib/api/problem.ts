/** Errors of requests, and what the learner can do about them. */
import { strings } from "../../strings";

const TIMEOUT = "timeout";

/** A response other than success; `status` 0 without a response. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(code);
  }

  /** The service accepted the request and did not respond. */
  get isTimeout(): boolean {
    return this.code === TIMEOUT;
  }

  /** A retry may succeed without any action of the learner. */
  get isTemporary(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export interface ApiResult<Body> {
  data?: Body;
  error?: unknown;
  response: Response;
}

/**
 * The body of a successful response.
 *
 * @throws ApiProblem: anything else
 */
export async function bodyOf<Body>(request: Promise<ApiResult<Body>>): Promise<Body> {
  const { data, error, response } = await request.catch((error: unknown) => {
    const isTimeout = error instanceof DOMException && error.name === "TimeoutError";
    throw new ApiProblem(0, isTimeout ? TIMEOUT : "unreachable");
  });
  // A 204 has no body, and its caller expects none.
  if (response.ok) return data as Body;
  const { code = "unknown" } = (error ?? {}) as Record<string, string>;
  throw new ApiProblem(response.status, code);
}

/**
 * One or two sentences for the learner: what happened and what helps. The texts of the service are not
 * shown: they are for programmers, and name fields.
 */
export function remedyFor(error: unknown): string {
  if (!(error instanceof ApiProblem)) return strings.problem.broken;
  if (error.isTimeout) return strings.problem.unresponsive;
  if (error.status === 0) return strings.problem.unreachable;
  if (error.code === "erased") return strings.problem.erased;
  if (error.status === 403) return strings.problem.forbidden;
  if (error.status === 404) return strings.problem.missing;
  if (error.status === 429) return strings.problem.busy;
  if (error.status >= 500) return strings.problem.broken;
  return strings.problem.other;
}
