/** Results of calls as values or exceptions, for programs that prefer `try` to looking at `error`. */
import type { components } from "./generated/schema";
import { retryAfterMs } from "./retries";

export type Problem = components["schemas"]["Problem"];

/** What a call of the client resolves to. */
export interface CallOutcome<Body> {
  data?: Body | undefined;
  error?: unknown;
  response: Response;
}

/** The service, or a proxy before it, did not fulfil the request. */
export class ProgressError extends Error {
  /** The HTTP status; 0 if it is unknown. */
  readonly status: number;
  /** The stable code of the problem; empty if the response is no problem. */
  readonly code: string = "";

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.status = status;
  }
}

/** The service rejected the request; `problem` says why. */
export class ProblemError extends ProgressError {
  readonly problem: Problem;
  override readonly code: string;
  /** From `Retry-After`; null without one. */
  readonly retryAfterSeconds: number | null;

  constructor(problem: Problem, response: Response) {
    super(response.status, `${problem.code}: ${problem.detail}`);
    this.problem = problem;
    this.code = problem.code;
    const waitMs = retryAfterMs(response.headers.get("Retry-After"));
    this.retryAfterSeconds = waitMs === null ? null : waitMs / 1000;
  }
}

/** A parameter, the body or the request itself is not valid; `problem.errors` names fields. */
export class Invalid extends ProblemError {}
/** The token is missing, expired or not valid. */
export class Unauthenticated extends ProblemError {}
/** The token does not allow this call. */
export class Forbidden extends ProblemError {}
/** The course, video, student or other thing does not exist. */
export class NotFound extends ProblemError {}
/** The request contradicts what is stored. */
export class Conflict extends ProblemError {}
/** Too many requests; `retryAfterSeconds` says when the next one may succeed. */
export class RateLimited extends ProblemError {}
/** The outcome is unknown. Repeat the request later: that is harmless. */
export class Unavailable extends ProblemError {}

/** The response is not one of the service: 500, a page of a proxy, truncated JSON. */
export class UnexpectedResponse extends ProgressError {}

const CLASSES: Record<number, typeof ProblemError> = {
  401: Unauthenticated,
  403: Forbidden,
  404: NotFound,
  409: Conflict,
  429: RateLimited,
  503: Unavailable,
};

/**
 * The body of a successful response; undefined for a call without one (204).
 *
 * @throws ProblemError the service rejected the request
 * @throws UnexpectedResponse the response is not one of the service
 * @throws TypeError the service cannot be reached (as with `fetch`)
 * @throws DOMException `TimeoutError`: it does not respond
 */
export async function resultOf<Body>(call: Promise<CallOutcome<Body>>): Promise<Body> {
  let outcome: CallOutcome<Body>;
  try {
    outcome = await call;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UnexpectedResponse(0, "the body is not JSON; is a proxy in between?", {
      cause: error,
    });
  }
  const { data, error, response } = outcome;
  const isComplete = data !== undefined || response.status === 204;
  if (response.ok && isComplete) return data as Body;
  if (response.status === 500 || !isProblem(error)) {
    throw new UnexpectedResponse(response.status, `unexpected status ${response.status}`);
  }
  const isRejected = response.status >= 400 && response.status < 500;
  const Kind = CLASSES[response.status] ?? (isRejected ? Invalid : ProblemError);
  throw new Kind(error, response);
}

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "code" in value && "detail" in value;
}
