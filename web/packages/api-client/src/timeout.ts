/** Cancels a request when the service stops responding. */

export const TIMEOUT_MS = 10_000;

/**
 * `fetch` with a timeout for the head of the response, and again for each part of its body.
 *
 * @throws DOMException `TimeoutError`: the service accepted the request and does not respond
 */
export async function fetchWithTimeout(
  request: Request,
  timeoutMs: number = TIMEOUT_MS,
): Promise<Response> {
  // Safari has `AbortSignal.timeout` since version 16 only, `AbortSignal.any` since 17.4.
  const controller = new AbortController();
  const timeout = new DOMException("The service does not respond.", "TimeoutError");
  let timer: ReturnType<typeof setTimeout> | undefined;
  const restart = () => {
    clearTimeout(timer);
    timer = setTimeout(() => controller.abort(timeout), timeoutMs);
  };
  const follow = () => controller.abort(request.signal.reason);
  request.signal.addEventListener("abort", follow);
  restart();
  try {
    // Not `new Request(request, { signal })`: Node may collect that one, and its signal with it.
    const response = await fetch(request, { signal: controller.signal });
    return await withWholeBody(response, restart);
  } catch (error) {
    // Older browsers throw an error of their own for any reason.
    throw controller.signal.aborted ? (controller.signal.reason ?? timeout) : error;
  } finally {
    clearTimeout(timer);
    request.signal.removeEventListener("abort", follow);
  }
}

/** The response with its body read: the timeout covers the last byte, not only the head. */
async function withWholeBody(response: Response, onPart: () => void): Promise<Response> {
  if (!response.body) return response;
  const parts: BlobPart[] = [];
  const reader = response.body.getReader();
  for (;;) {
    onPart();
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
  }
  const { status, statusText, headers } = response;
  // A 204 may not have a body, not even an empty one.
  const body = parts.length > 0 ? new Blob(parts) : null;
  return new Response(body, { status, statusText, headers });
}
