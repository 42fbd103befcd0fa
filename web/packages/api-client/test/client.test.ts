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
