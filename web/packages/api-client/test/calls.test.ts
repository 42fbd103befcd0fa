import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  Conflict,
  createProgressClient,
  Forbidden,
  Invalid,
  iteratePages,
  NotFound,
  ProblemError,
  type ProgressClientOptions,
  ProgressError,
  RateLimited,
  resultOf,
  Unauthenticated,
  Unavailable,
  UnexpectedResponse,
} from "../src";

type Given = Response | (() => Response);

let requests: Request[];
let bodies: string[];
let responses: Given[];

beforeEach(() => {
  vi.useFakeTimers();
  requests = [];
  bodies = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    requests.push(request);
    bodies.push(await request.text());
    const next = responses.length > 1 ? responses.shift() : responses[0];
    return typeof next === "function" ? next() : next;
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function aClient(options: Partial<ProgressClientOptions> = {}) {
  return createProgressClient({ baseUrl: "https://learn.example", token: () => "t", ...options });
}

function getCourse(options: Partial<ProgressClientOptions> = {}) {
  const params = { path: { course_id: "demo" } };
  return aClient(options).GET("/api/catalog/courses/{course_id}", { params });
}

function problem(status: number, headers: Record<string, string> = {}) {
  const body = { status, code: "some_code", detail: "Detail.", title: "T", request_id: "1" };
  return () => Response.json(body, { status, headers });
}

const course = () => Response.json({ course_id: "demo", title: "Demo" });

/** Resolves when the timers have run for so long, with how many requests were sent by then. */
async function requestsAfter(ms: number): Promise<number> {
  await vi.advanceTimersByTimeAsync(ms);
  return requests.length;
}

// -- retries ---------------------------------------------------------------------------------------

test("request is repeated as Retry-After says, with the same body and token", async () => {
  responses = [problem(503, { "Retry-After": "2" }), problem(429, { "Retry-After": "3" }), course];
  const body = { student_ids: ["ana"] };
  const params = { path: { course_id: "demo" } };
  const call = aClient().PUT("/api/catalog/courses/{course_id}/enrollments", { params, body });

  expect(await requestsAfter(1_999)).toBe(1);
  expect(await requestsAfter(1)).toBe(2);
  expect(await requestsAfter(2_999)).toBe(2);
  expect(await requestsAfter(1)).toBe(3);

  expect((await call).response.status).toBe(200);
  expect(bodies).toEqual(Array(3).fill(JSON.stringify(body)));
  expect(requests.map(({ headers }) => headers.get("Authorization"))).toEqual(
    Array(3).fill("Bearer t"),
  );
});

test("retries without a Retry-After wait longer each time, and end after three", async () => {
  responses = [problem(503)];
  const call = getCourse();

  expect(await requestsAfter(500)).toBe(2);
  expect(await requestsAfter(1_000)).toBe(3);
  expect(await requestsAfter(2_000)).toBe(4);
  await requestsAfter(60_000);

  expect((await call).response.status).toBe(503);
  expect(requests.length).toBe(4);
});

test("Retry-After may be a date", async () => {
  const moment = new Date(Date.now() + 4_000).toUTCString();
  responses = [problem(503, { "Retry-After": moment }), course];
  const call = getCourse();

  await requestsAfter(4_000);

  expect((await call).response.status).toBe(200);
});

test.each([
  ["a wait of more than 30 s", [problem(429, { "Retry-After": "31" })], {}],
  ["no retries", [problem(503, { "Retry-After": "0" })], { retries: 0 }],
  ["another status", [problem(500, { "Retry-After": "0" })], {}],
])("request is not repeated with %s", async (_, given, options) => {
  responses = given;

  await getCourse(options);

  expect(requests.length).toBe(1);
});

test("aborted call is not repeated", async () => {
  responses = [problem(503, { "Retry-After": "5" })];
  const controller = new AbortController();
  const params = { path: { course_id: "demo" } };
  const call = aClient().GET("/api/catalog/courses/{course_id}", {
    params,
    signal: controller.signal,
  });
  const outcome = expect(call).rejects.toMatchObject({ name: "AbortError" });
  await requestsAfter(1_000);

  controller.abort();

  await outcome;
  expect(await requestsAfter(60_000)).toBe(1);
});

test("timeout can be set", async () => {
  vi.stubGlobal("fetch", (_: Request, { signal }: { signal: AbortSignal }) => {
    return new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  });
  const outcome = expect(getCourse({ timeoutMs: 100 })).rejects.toMatchObject({
    name: "TimeoutError",
  });

  await vi.advanceTimersByTimeAsync(100);

  await outcome;
});

test("token may be a promise", async () => {
  responses = [course];

  await getCourse({ token: async () => "renewed" });

  expect(requests[0]?.headers.get("Authorization")).toBe("Bearer renewed");
});

// -- errors ----------------------------------------------------------------------------------------

test("resultOf returns the body", async () => {
  responses = [course];

  expect((await resultOf(getCourse())).title).toBe("Demo");
});

test("resultOf returns undefined for a call without a result", async () => {
  responses = [new Response(null, { status: 204 })];
  const params = { path: { course_id: "demo" } };

  const result = await resultOf(aClient().DELETE("/api/catalog/courses/{course_id}", { params }));

  expect(result).toBeUndefined();
});

test.each([
  [401, Unauthenticated],
  [403, Forbidden],
  [404, NotFound],
  [409, Conflict],
  [413, Invalid],
  [422, Invalid],
  [429, RateLimited],
  [503, Unavailable],
])("status %i is thrown as an error of its own class", async (status, Kind) => {
  responses = [problem(status, { "Retry-After": "7" })];

  const error = await resultOf(getCourse({ retries: 0 })).catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(Kind);
  expect(error).toBeInstanceOf(ProgressError);
  if (!(error instanceof ProblemError)) throw error;
  expect(error).toMatchObject({ status, code: "some_code", retryAfterSeconds: 7 });
  expect(error.problem.detail).toBe("Detail.");
  expect(error.message).toBe("some_code: Detail.");
});

test.each([
  ["500 with a problem", problem(500), 500],
  ["502 with HTML", () => new Response("<h1>Oh</h1>", { status: 502 }), 502],
  ["403 with HTML", () => new Response("<h1>Oh</h1>", { status: 403 }), 403],
  ["404 with other JSON", () => Response.json([], { status: 404 }), 404],
  ["200 with HTML", () => new Response("<h1>Oh</h1>"), 0],
  ["200 with truncated JSON", () => new Response('{"course_id": "de'), 0],
  ["200 with nothing", () => new Response(null, { headers: { "Content-Length": "0" } }), 200],
])("%s is thrown as an unexpected response", async (_, response, status) => {
  responses = [response];

  const error = await resultOf(getCourse({ retries: 0 })).catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(UnexpectedResponse);
  expect(error).toMatchObject({ status, code: "" });
});

test("network errors are thrown as they are", async () => {
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("fetch failed");
  });

  await expect(resultOf(getCourse())).rejects.toThrow(TypeError);
});

// -- pages -----------------------------------------------------------------------------------------

function pages() {
  return iteratePages((after) =>
    aClient().GET("/api/catalog/courses/{course_id}/enrollments", {
      params: { path: { course_id: "demo" }, query: { after, limit: 2 } },
    }),
  );
}

test("iteratePages reads each page when the loop asks for it, to the last", async () => {
  responses = [
    Response.json({ course_id: "demo", student_ids: ["ana", "ben"], next: "ben" }),
    Response.json({ course_id: "demo", student_ids: ["eve"], next: null }),
  ];
  const found: [number, string[]][] = [];

  for await (const { student_ids } of pages()) found.push([requests.length, student_ids]);

  expect(found).toEqual([
    [1, ["ana", "ben"]],
    [2, ["eve"]],
  ]);
  const addresses = requests.map(({ url }) => new URL(url).search);
  expect(addresses).toEqual(["?limit=2", "?after=ben&limit=2"]);
});

test("iteratePages throws when a page cannot be read", async () => {
  responses = [problem(404)];

  await expect(pages().next()).rejects.toBeInstanceOf(NotFound);
});
