/** One call to the service: the token goes in, and what became of it comes out. */
import type { Network } from "./network";

/** Something the service will never take. */
export interface Refusal {
  httpStatus: number;
  code: string;
  detail: string;
}

export type Failure =
  /** Busy, broken or out of reach: worth another try. */
  | { status: "later"; retryAfterSeconds?: number }
  | { status: "unauthenticated"; refusal?: undefined }
  | { status: "refused"; refusal: Refusal };

// biome-ignore lint/suspicious/noExplicitAny: the callers know the shape of what they ask for.
export type Answer = { status: "ok"; body: any } | Failure;

/**
 * GET `path`, or POST `body` to it. Never throws: a lost connection is an answer too.
 *
 * @param keepalive the request outlives its page; browsers allow 64 KiB of such bodies at a time
 */
export type Call = (path: string, body?: unknown, keepalive?: boolean) => Promise<Answer>;

export interface CallOptions {
  /** Where the service lives; empty for the page's own origin. */
  baseUrl?: string;
  /** Asked at every call, so that a renewed token is used at once. */
  token: () => string | null;
  fetch: Network["fetch"];
}

/** A request that hangs longer than this would hold back newer ones. */
const TIMEOUT_MS = 10_000;

export function caller({ baseUrl = "", token, fetch }: CallOptions): Call {
  return async (path, body, keepalive = false) => {
    const bearer = token();
    if (!bearer) return { status: "unauthenticated" };
    // Safari has `AbortSignal.timeout` since version 16 only.
    const limit = new AbortController();
    setTimeout(() => limit.abort(), TIMEOUT_MS);
    try {
      const response = await fetch(baseUrl + path, {
        method: body ? "POST" : "GET",
        headers: { Authorization: `Bearer ${bearer}`, "Content-Type": "application/json" },
        body: body ? JSON.stringify(body) : undefined,
        keepalive,
        signal: limit.signal,
      });
      return await answerOf(response);
    } catch {
      return { status: "later" };
    }
  };
}

async function answerOf(response: Response): Promise<Answer> {
  // A page of some network's own that answers for the service is no JSON, and lands in the catch.
  if (response.ok) return { status: "ok", body: await response.json() };
  if (response.status === 401) return { status: "unauthenticated" };
  if (response.status === 429 || response.status >= 500) {
    const retryAfterSeconds = Number(response.headers.get("Retry-After")) || undefined;
    return { status: "later", retryAfterSeconds };
  }
  const problem = await response.json().catch(() => ({}));
  return {
    status: "refused",
    refusal: {
      code: "unknown",
      detail: response.statusText,
      ...problem,
      httpStatus: response.status,
    },
  };
}
