import { expect, test, vi } from "vitest";
import { caller } from "../src/calls";
import type { Report } from "../src/report";
import { transportOver } from "../src/transport";

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
  transportOver(caller({ token: () => token, fetch }), (wallMs) => wallMs);

function answering(response: Response | Error) {
  const fetch = vi.fn<typeof globalThis.fetch>(async () => {
    if (response instanceof Error) throw response;
    return response;
  });
  return { fetch, transport: transportOn(fetch) };
}

const problem = (status: number, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ code: "too_late", detail: "Not any more." }), { status, headers });

test("a report outlives the page and carries the token in its header only", async () => {
  const { fetch, transport } = answering(new Response("{}"));

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

test("without a token nothing is sent", async () => {
  const fetch = vi.fn<typeof globalThis.fetch>();
  const transport = transportOn(fetch, null);

  expect(await transport.send("video", report)).toEqual({ status: "unauthenticated" });
  expect(fetch).not.toHaveBeenCalled();
});

test.each([
  [new Response("{}"), { status: "stored" }],
  [problem(401), { status: "unauthenticated" }],
  [problem(429, { "Retry-After": "3" }), { status: "later", retryAfterSeconds: 3 }],
  [problem(503, { "Retry-After": "10" }), { status: "later", retryAfterSeconds: 10 }],
  [problem(500), { status: "later" }],
  [new TypeError("Failed to fetch"), { status: "later" }],
  [
    problem(422),
    {
      status: "refused",
      refusal: { httpStatus: 422, code: "too_late", detail: "Not any more." },
    },
  ],
])("an answer becomes an outcome (%#)", async (answer, outcome) => {
  expect(await answering(answer).transport.send("video", report)).toEqual(outcome);
});

test("a refusal by something that speaks no JSON is still one", async () => {
  const { transport } = answering(new Response("<html>", { status: 404, statusText: "Not Found" }));

  expect(await transport.send("video", report)).toMatchObject({
    status: "refused",
    refusal: { httpStatus: 404, detail: "Not Found" },
  });
});

test("a service that never answers is given up after 10 s, in browsers without AbortSignal.timeout too", async () => {
  vi.useFakeTimers();
  vi.stubGlobal("AbortSignal", { ...AbortSignal, timeout: undefined });
  const fetch: typeof globalThis.fetch = (_, request) =>
    new Promise((_, reject) => request?.signal?.addEventListener("abort", reject));
  const outcome = transportOn(fetch).send("intro", report);

  await vi.advanceTimersByTimeAsync(10_000);

  expect(await outcome).toEqual({ status: "later" });
  vi.useRealTimers();
  vi.unstubAllGlobals();
});
