/** Typed calls to the Progress Service. Everything about paths and shapes is generated. */
import createClient, { type Client } from "openapi-fetch";
import type { Readable } from "openapi-typescript-helpers";
import type { paths } from "./generated/schema";

export type ProgressClient = Client<paths>;

export interface ProgressClientOptions {
  /** Where the service lives; empty for the page's own origin. */
  baseUrl?: string;
  /** Asked at every call, so that a renewed token is used at once. */
  token: () => string | null;
}

export function createProgressClient({
  baseUrl = "",
  token,
}: ProgressClientOptions): ProgressClient {
  const client = createClient<paths>({ baseUrl });
  client.use({
    onRequest({ request }) {
      const bearer = token();
      if (bearer) request.headers.set("Authorization", `Bearer ${bearer}`);
    },
  });
  return client;
}

/** What a call answers when all is well, exactly as the client hands it out. */
type Answer<Operation> = Operation extends {
  responses: { 200: { content: { "application/json": infer Body } } };
}
  ? Readable<Body>
  : never;

export type Course = Answer<paths["/api/catalog/courses/{course_id}"]["get"]>;
export type Material = Course["materials"][number];
export type VideoStatus = Answer<paths["/api/progress/video/{video_id}/status"]["get"]>;
/** A status in a list of many: everything but what was really played. */
export type VideoStatusSummary = VideoStatuses["progress"][string];
export type VideoStatuses = Answer<paths["/api/progress/videos/batch"]["post"]>;
export type CourseProgress = Answer<paths["/api/progress/course/{course_id}"]["get"]>["progress"];
export type ResumePoint = Answer<paths["/api/progress/video/{video_id}/resume"]["get"]>;
export type ContinueItem = Answer<paths["/api/progress/continue-watching"]["get"]>["items"][number];
export type ListedCourse = Answer<paths["/api/progress/courses"]["get"]>["courses"][number];
