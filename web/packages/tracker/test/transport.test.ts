import { expect, test, vi } from "vitest";
import { createRequest } from "../src/http";
import type { Report } from "../src/report";
import { createTransport } from "../src/transport";

const report: Report = {
  watch_time: 4,
  total_duration: 600,
  observed_at: "2026-11-22T10:30:00.000Z",
  kind: "pause",
  device_id: "laptop",
  session_id: "5f0c0f9e-0a0d-4f7e-9a43-0d5a3f5b0c11",
  played: [[0, 4]],
  played_seconds: 4,
};

const transportOn = (fetch: typeof globalThis.fetch, token: string | null = "secret") =>
  createTransport(createRequest({ token: () => token, fetch }), (wallMs) => wallMs);

function respondingWith(response: Response | Error) {
  const fetch = vi.fn<typeof globalThis.fetch>(async () => {
    if (response instanceof Error) throw response;
    return response;
  });
  return { fetch, transport: transportOn(fetch) };
}

const problem = (status: number, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ code: "too_late", detail: "Not any more." }), { status, headers });

test("report is sent with keepalive, and with the token in the header only", async () => {
  const { fetch, transport } = respondingWith(new Response("{}"));

  await transport.send("a/video", report);

  const [address, request] = fetch.mock.calls[0] ?? [];
  expect(address).toBe("/api/progress/video/a%2Fvideo/watch-time");
  expect(request).toMatchObject({
    method: "POST",
    keepalive: true,
    headers: { Authorization: "Bearer secret", "Content-Type": "application/json" },
  });
  expect(JSON.parse(String(request?.body))).toEqual(report);
});

test("report without a token is not sent", async () => {
  const fetch = vi.fn<typeof globalThis.fetch>();
  const transport = transportOn(fetch, null);

  expect(await transport.send("video", report)).toEqual({ status: "unauthenticated" });
  expect(fetch).not.toHaveBeenCalled();
});

test.each([
  [new Response("{}"), { status: "stored" }],
  [problem(401), { status: "unauthenticated" }],
  [problem(429, { "Retry-After": "3" }), { status: "retry", retryAfterSeconds: 3 }],
  [problem(503, { "Retry-After": "10" }), { status: "retry", retryAfterSeconds: 10 }],
  [problem(500), { status: "retry" }],
  [new TypeError("Failed to fetch"), { status: "retry" }],
  [
    problem(422),
    {
      status: "rejected",
      problem: { httpStatus: 422, code: "too_late", detail: "Not any more." },
    },
  ],
])("response becomes an outcome (%#)", async (response, outcome) => {
  expect(await respondingWith(response).transport.send("video", report)).toEqual(outcome);
});

test("rejection without JSON is a rejection", async () => {
  const { transport } = respondingWith(
    new Response("<html>", { status: 404, statusText: "Not Found" }),
  );

  expect(await transport.send("video", report)).toMatchObject({
    status: "rejected",
    problem: { httpStatus: 404, detail: "Not Found" },
  });
});

test("request to an unresponsive service times out after 10 s, also without AbortSignal.timeout", async () => {
  vi.useFakeTimers();
  vi.stubGlobal("AbortSignal", { ...AbortSignal, timeout: undefined });
  const fetch: typeof globalThis.fetch = (_, request) =>
    new Promise((_, reject) => request?.signal?.addEventListener("abort", reject));
  const outcome = transportOn(fetch).send("intro", report);

  await vi.advanceTimersByTimeAsync(10_000);

  expect(await outcome).toEqual({ status: "retry" });
  vi.useRealTimers();
  vi.unstubAllGlobals();
});
