/** Typed requests to the Progress Service. Paths and shapes are generated. */
import type { Client } from "openapi-fetch";
import createClient from "openapi-fetch";
import type { Readable } from "openapi-typescript-helpers";
import type { paths } from "./generated/schema";
import { MAX_RETRY_WAIT_MS, RETRIES, withRetries } from "./retries";
import { fetchWithTimeout, TIMEOUT_MS } from "./timeout";

export * from "./errors";
export { iteratePages, type Page } from "./pages";

export type ProgressClient = Client<paths>;

export interface ProgressClientOptions {
  /** The address of the service; empty for the page's own origin. */
  baseUrl?: string;
  /** Called for every request, so that a renewed token is used at once. */
  token: () => string | null | Promise<string | null>;
  /** Called with the head of every response. */
  onResponse?: (response: Response) => void;
  /** How long to wait for the head of a response, and for each part of its body. */
  timeoutMs?: number;
  /** How often a request is repeated after 429 or 503, as `Retry-After` says; 0: never. */
  retries?: number;
  /** A request is not repeated when `Retry-After` asks to wait longer. */
  maxRetryWaitMs?: number;
}

/** A request without a response times out after 10 s: it throws a `DOMException` `TimeoutError`. */
export function createProgressClient({
  baseUrl = "",
  token,
  onResponse,
  timeoutMs = TIMEOUT_MS,
  retries = RETRIES,
  maxRetryWaitMs = MAX_RETRY_WAIT_MS,
}: ProgressClientOptions): ProgressClient {
  const send = (request: Request) => fetchWithTimeout(request, timeoutMs);
  const client = createClient<paths>({
    baseUrl,
    fetch: withRetries(send, { retries, maxRetryWaitMs }),
  });
  client.use({
    async onRequest({ request }) {
      const bearer = await token();
      if (bearer) request.headers.set("Authorization", `Bearer ${bearer}`);
    },
    onResponse({ response }) {
      onResponse?.(response);
    },
  });
  return client;
}

/** The body of a successful response, as the client returns it. */
type ResponseBody<Operation> = Operation extends {
  responses: { 200: { content: { "application/json": infer Body } } };
}
  ? Readable<Body>
  : never;

export type Course = ResponseBody<paths["/api/catalog/courses/{course_id}"]["get"]>;
export type Material = Course["materials"][number];
export type VideoStatus = ResponseBody<paths["/api/progress/video/{video_id}/status"]["get"]>;
/** A status in a list: without the watched spans. */
export type VideoStatusSummary = VideoStatuses["progress"][string];
export type VideoStatuses = ResponseBody<paths["/api/progress/videos/batch"]["post"]>;
export type CourseProgress = ResponseBody<
  paths["/api/progress/course/{course_id}"]["get"]
>["progress"];
export type ResumePoint = ResponseBody<paths["/api/progress/video/{video_id}/resume"]["get"]>;
export type ContinueItem = ResponseBody<
  paths["/api/progress/continue-watching"]["get"]
>["items"][number];
export type MyCourse = ResponseBody<paths["/api/progress/courses"]["get"]>["courses"][number];
export type TaughtCourse = ResponseBody<paths["/api/catalog/courses"]["get"]>["courses"][number];
export type CourseAnalytics = ResponseBody<
  paths["/api/progress/analytics/course/{course_id}"]["get"]
>;
export type VideoAnalytics = ResponseBody<paths["/api/progress/analytics/video/{video_id}"]["get"]>;
/** The tables that a response has as CSV. */
export type CourseAnalyticsTable = TableOf<"/api/progress/analytics/course/{course_id}">;
export type VideoAnalyticsTable = TableOf<"/api/progress/analytics/video/{video_id}">;
type TableOf<Path extends AnalyticsPath> = NonNullable<
  NonNullable<paths[Path]["get"]["parameters"]["query"]>["table"]
>;
type AnalyticsPath =
  | "/api/progress/analytics/course/{course_id}"
  | "/api/progress/analytics/video/{video_id}";
