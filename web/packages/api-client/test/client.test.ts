import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createProgressClient } from "../src";

const status = {
  watch_time: 125.5,
  total_duration: 600,
  progress_percentage: 20.92,
  completed: false,
};

let asked: Request[];
let answer: Response;

beforeEach(() => {
  asked = [];
  answer = Response.json(status);
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(request);
    return answer;
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

function ask(client: ReturnType<typeof createProgressClient>, videoId = "intro") {
  const params = { path: { video_id: videoId } };
  return client.GET("/api/progress/video/{video_id}/status", { params });
}

function aClient(token: () => string | null = () => "ana's token") {
  return createProgressClient({ baseUrl: "https://learn.example", token });
}

test("a call goes to its path, with what stands in it escaped", async () => {
  const { data } = await ask(aClient(), "week 1/intro");

  expect(asked[0]?.method).toBe("GET");
  expect(asked[0]?.url).toBe("https://learn.example/api/progress/video/week%201%2Fintro/status");
  expect(data?.watch_time).toBe(125.5);
});

test("a body is sent as JSON", async () => {
  await aClient().POST("/api/progress/videos/batch", { body: { video_ids: ["intro", "state"] } });

  expect(asked[0]?.method).toBe("POST");
  expect(asked[0]?.headers.get("Content-Type")).toBe("application/json");
  expect(await asked[0]?.json()).toEqual({ video_ids: ["intro", "state"] });
});

test("each call asks for the token of now", async () => {
  let token: string | null = "old";
  const client = aClient(() => token);

  await ask(client);
  answer = Response.json(status);
  token = "new";
  await ask(client);
  answer = Response.json(status);
  token = null;
  await ask(client);

  const sent = asked.map(({ headers }) => headers.get("Authorization"));
  expect(sent).toEqual(["Bearer old", "Bearer new", null]);
});

function silentBody() {
  return new Response(new ReadableStream({ start: (body) => body.enqueue(new Uint8Array([123])) }));
}

const never = (request: Request) =>
  new Promise<Response>((_, reject) => {
    request.signal.addEventListener("abort", () => reject(request.signal.reason));
  });

test("a call without an answer is given up after 10 s", async () => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", never);
  const call = ask(aClient());
  const outcome = expect(call).rejects.toMatchObject({ name: "TimeoutError" });

  await vi.advanceTimersByTimeAsync(10_000);

  await outcome;
  vi.useRealTimers();
});

test("a call whose body never ends is given up after 10 s of silence", async () => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", async (request: Request) => {
    const { body } = silentBody();
    const cut = new TransformStream();
    void body?.pipeTo(cut.writable, { signal: request.signal }).catch(() => {});
    return new Response(cut.readable);
  });
  const call = ask(aClient());
  const outcome = expect(call).rejects.toMatchObject({ name: "TimeoutError" });

  await vi.advanceTimersByTimeAsync(10_000);

  await outcome;
  vi.useRealTimers();
});

test("a slow line may take longer, as long as something comes", async () => {
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
  const call = ask(aClient());

  await vi.advanceTimersByTimeAsync(60_000);

  expect((await call).data).toEqual(status);
  vi.useRealTimers();
});

test("whoever makes the client hears of every answer", async () => {
  const onAnswer = vi.fn();
  answer = Response.json({}, { status: 401, headers: { Date: "Thu, 26 Nov 2026 14:00:00 GMT" } });

  await ask(
    createProgressClient({ baseUrl: "https://learn.example", token: () => null, onAnswer }),
  );

  expect(onAnswer.mock.calls[0]?.[0].headers.get("Date")).toBe("Thu, 26 Nov 2026 14:00:00 GMT");
});

test("a problem is an answer too, and nothing is thrown", async () => {
  const problem = { status: 404, code: "not_found", detail: "There is no such video." };
  answer = Response.json(problem, {
    status: 404,
    headers: { "Content-Type": "application/problem+json" },
  });

  const { data, error, response } = await ask(aClient());

  expect(data).toBeUndefined();
  expect(response.status).toBe(404);
  expect(error).toEqual(problem);
});

test("an answer without a body is one, though browsers give it an empty stream", async () => {
  const body = new ReadableStream({ start: (controller) => controller.close() });
  const empty = { status: 204, statusText: "No Content", ok: true, headers: new Headers(), body };
  vi.stubGlobal("fetch", async () => empty as unknown as Response);

  const params = { path: { material_id: "notes" } };
  const { response } = await aClient().DELETE("/api/progress/material/{material_id}/complete", {
    params,
  });

  expect(response.status).toBe(204);
});
