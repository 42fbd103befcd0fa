import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createProgressClient } from "../src";

const status = {
  watch_time: 125.5,
  total_duration: 600,
  progress_percentage: 20.92,
  completed: false,
};

let requests: Request[];
let response: Response;

beforeEach(() => {
  requests = [];
  response = Response.json(status);
  vi.stubGlobal("fetch", async (request: Request) => {
    requests.push(request);
    return response;
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

function getStatus(client: ReturnType<typeof createProgressClient>, videoId = "intro") {
  const params = { path: { video_id: videoId } };
  return client.GET("/api/progress/video/{video_id}/status", { params });
}

function aClient(token: () => string | null = () => "ana's token") {
  return createProgressClient({ baseUrl: "https://learn.example", token });
}

test("request goes to its path, with escaped parameters", async () => {
  const { data } = await getStatus(aClient(), "week 1/intro");

  expect(requests[0]?.method).toBe("GET");
  expect(requests[0]?.url).toBe("https://learn.example/api/progress/video/week%201%2Fintro/status");
  expect(data?.watch_time).toBe(125.5);
});

test("request body is sent as JSON", async () => {
  await aClient().POST("/api/progress/videos/batch", { body: { video_ids: ["intro", "state"] } });

  expect(requests[0]?.method).toBe("POST");
  expect(requests[0]?.headers.get("Content-Type")).toBe("application/json");
  expect(await requests[0]?.json()).toEqual({ video_ids: ["intro", "state"] });
});

test("each request reads the current token", async () => {
  let token: string | null = "old";
  const client = aClient(() => token);

  await getStatus(client);
  response = Response.json(status);
  token = "new";
  await getStatus(client);
  response = Response.json(status);
  token = null;
  await getStatus(client);

  const sent = requests.map(({ headers }) => headers.get("Authorization"));
  expect(sent).toEqual(["Bearer old", "Bearer new", null]);
});

function unresponsiveBody() {
  return new Response(new ReadableStream({ start: (body) => body.enqueue(new Uint8Array([123])) }));
}

const never = (_: Request, { signal }: { signal: AbortSignal }) =>
  new Promise<Response>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });

test("request without a response times out after 10 s", async () => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", never);
  const call = getStatus(aClient());
  const outcome = expect(call).rejects.toMatchObject({ name: "TimeoutError" });

  await vi.advanceTimersByTimeAsync(10_000);

  await outcome;
  vi.useRealTimers();
});

test("response body that stops times out after 10 s", async () => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", async (_: Request, { signal }: { signal: AbortSignal }) => {
    const { body } = unresponsiveBody();
    const cut = new TransformStream();
    void body?.pipeTo(cut.writable, { signal }).catch(() => {});
    return new Response(cut.readable);
  });
  const call = getStatus(aClient());
  const outcome = expect(call).rejects.toMatchObject({ name: "TimeoutError" });

  await vi.advanceTimersByTimeAsync(10_000);

  await outcome;
  vi.useRealTimers();
});

test("slow response does not time out while parts arrive", async () => {
  vi.useFakeTimers();
  const text = JSON.stringify(status);
  let timer: ReturnType<typeof setInterval>;
  vi.stubGlobal("fetch", async () => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        timer = setInterval(() => {
          controller.enqueue(new TextEncoder().encode(text.slice(sent, sent + 20)));
          sent += 20;
          if (sent < text.length) return;
          clearInterval(timer);
          controller.close();
        }, 6000);
      },
    });
    return new Response(body);
  });
  const call = getStatus(aClient());

  await vi.advanceTimersByTimeAsync(60_000);

  expect((await call).data).toEqual(status);
  vi.useRealTimers();
});

test("onResponse is called with every response", async () => {
  const onResponse = vi.fn();
  response = Response.json({}, { status: 401, headers: { Date: "Thu, 26 Nov 2026 14:00:00 GMT" } });

  await getStatus(
    createProgressClient({ baseUrl: "https://learn.example", token: () => null, onResponse }),
  );

  expect(onResponse.mock.calls[0]?.[0].headers.get("Date")).toBe("Thu, 26 Nov 2026 14:00:00 GMT");
});

test("problem response does not throw", async () => {
  const problem = { status: 404, code: "not_found", detail: "There is no such video." };
  response = Response.json(problem, {
    status: 404,
    headers: { "Content-Type": "application/problem+json" },
  });

  const { data, error, response: received } = await getStatus(aClient());

  expect(data).toBeUndefined();
  expect(received.status).toBe(404);
  expect(error).toEqual(problem);
});

test("response without a body is returned, though browsers give it an empty stream", async () => {
  const body = new ReadableStream({ start: (controller) => controller.close() });
  const empty = { status: 204, statusText: "No Content", ok: true, headers: new Headers(), body };
  vi.stubGlobal("fetch", async () => empty as unknown as Response);

  const params = { path: { material_id: "notes" } };
  const { response: received } = await aClient().DELETE(
    "/api/progress/material/{material_id}/complete",
    {
      params,
    },
  );

  expect(received.status).toBe(204);
});
