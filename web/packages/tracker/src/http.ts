/** One request to the service, with its token and its result. */
import type { Network } from "./network";

/** Why the service rejects a request. */
export interface Problem {
  httpStatus: number;
  code: string;
  detail: string;
}

export type Failure =
  /** Busy, broken or out of reach: worth another try. */
  | { status: "retry"; retryAfterSeconds?: number }
  | { status: "unauthenticated"; retryAfterSeconds?: undefined; problem?: undefined }
  | { status: "rejected"; retryAfterSeconds?: undefined; problem: Problem };

// biome-ignore lint/suspicious/noExplicitAny: the callers know the shape of the response.
export type RequestResult = { status: "ok"; body: any } | Failure;

/**
 * GET `path`, or POST `body` to it. Never throws: a lost connection is a result too.
 *
 * @param keepalive the request outlives its page; browsers allow 64 KiB of such bodies at a time
 */
export type SendRequest = (
  path: string,
  body?: unknown,
  keepalive?: boolean,
) => Promise<RequestResult>;

export interface RequestOptions {
  /** The address of the service; empty for the page's own origin. */
  baseUrl?: string;
  /** Called for every request, so that a renewed token is used at once. */
  token: () => string | null;
  fetch: Network["fetch"];
}

/** A request that hangs would delay newer ones. */
const TIMEOUT_MS = 10_000;

export function createRequest({ baseUrl = "", token, fetch }: RequestOptions): SendRequest {
  return async (path, body, keepalive) => {
    const bearer = token();
    if (!bearer) return { status: "unauthenticated" };
    // Safari has `AbortSignal.timeout` since version 16 only.
    const timeout = new AbortController();
    setTimeout(() => timeout.abort(), TIMEOUT_MS);
    try {
      const response = await fetch(baseUrl + path, {
        method: body ? "POST" : "GET",
        headers: { Authorization: `Bearer ${bearer}`, "Content-Type": "application/json" },
        body: JSON.stringify(body),
        keepalive,
        signal: timeout.signal,
      });
      // The page of a network that intercepts requests is not JSON, and ends in the catch.
      if (response.ok) return { status: "ok", body: await response.json() };
      if (response.status === 401) return { status: "unauthenticated" };
      if (response.status === 429 || response.status >= 500) {
        const retryAfterSeconds = Number(response.headers.get("Retry-After")) || undefined;
        return { status: "retry", retryAfterSeconds };
      }
      const problem = { code: "unknown", detail: response.statusText, httpStatus: response.status };
      Object.assign(problem, await response.json().catch(() => {}));
      return { status: "rejected", problem };
    } catch {
      return { status: "retry" };
    }
  };
}
