/** When to send a request again: after 429 and 503, as `Retry-After` says. */

export interface RetryOptions {
  /** How often a request is repeated; 0: never. */
  retries: number;
  /** A longer `Retry-After` is left to the caller. */
  maxRetryWaitMs: number;
}

export const RETRIES = 3;
export const MAX_RETRY_WAIT_MS = 30_000;
const FIRST_WAIT_MS = 500; // Doubled each time, where the response names no time.
const RETRIED = [429, 503];

/** `send`, repeated. The service merges repeated requests, so all of them may be repeated. */
export function withRetries(
  send: (request: Request) => Promise<Response>,
  { retries, maxRetryWaitMs }: RetryOptions,
): (request: Request) => Promise<Response> {
  return async (request) => {
    for (let attempt = 0; ; attempt += 1) {
      // A request can be sent once only; its copies have the same body.
      const isLast = attempt >= retries;
      const response = await send(isLast ? request : request.clone());
      if (isLast || !RETRIED.includes(response.status)) return response;
      const waitMs =
        retryAfterMs(response.headers.get("Retry-After")) ?? FIRST_WAIT_MS * 2 ** attempt;
      if (waitMs > maxRetryWaitMs) return response;
      await wait(waitMs, request.signal);
    }
  };
}

/** A number of seconds or a date (RFC 9110, section 10.2.3) in ms; null for neither. */
export function retryAfterMs(value: string | null): number | null {
  if (!value) return null;
  if (/^\d+$/.test(value.trim())) return Number(value) * 1000;
  const moment = Date.parse(value);
  return Number.isNaN(moment) ? null : Math.max(0, moment - Date.now());
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal.addEventListener("abort", abort, { once: true });
  });
}
