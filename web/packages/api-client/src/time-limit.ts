/** Gives up a call that the service leaves without an answer. */

export const ANSWER_WITHIN_MS = 10_000;

/**
 * `fetch`, but the head of the answer, and then each part of its body, comes within the limit.
 *
 * @throws DOMException `TimeoutError`: the service accepted the call and went silent
 */
export async function fetchWithinLimit(request: Request): Promise<Response> {
  // Safari has `AbortSignal.timeout` since version 16 only, `AbortSignal.any` since 17.4.
  const controller = new AbortController();
  const silent = new DOMException("The service does not answer.", "TimeoutError");
  let timer: ReturnType<typeof setTimeout> | undefined;
  const restart = () => {
    clearTimeout(timer);
    timer = setTimeout(() => controller.abort(silent), ANSWER_WITHIN_MS);
  };
  const follow = () => controller.abort(request.signal.reason);
  request.signal.addEventListener("abort", follow);
  restart();
  try {
    const response = await fetch(new Request(request, { signal: controller.signal }));
    return await whole(response, restart);
  } catch (error) {
    // Older browsers throw an error of their own for any reason.
    throw controller.signal.aborted ? (controller.signal.reason ?? silent) : error;
  } finally {
    clearTimeout(timer);
    request.signal.removeEventListener("abort", follow);
  }
}

/** The response with its body read: the limit ends with the last byte, not with the head. */
async function whole(response: Response, onPart: () => void): Promise<Response> {
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
