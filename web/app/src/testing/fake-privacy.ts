/** What the service stores about the student of component tests, and its erasure. */

interface FakeErasure {
  state: "erasing" | "erased";
  requested_at: string;
  finished_at: string | null;
  remaining: string[];
}

const REQUESTED_AT = "2026-11-22T10:30:00Z";

/** One course, a completed video and a begun one, watched on two devices. */
const LINES: readonly Record<string, unknown>[] = [
  { kind: "enrollment", course_id: "demo" },
  {
    kind: "progress",
    material_id: "welcome",
    completed_at: REQUESTED_AT,
    sessions: [{ session_id: "one" }, { session_id: "two" }],
    devices: [{ device_id: "phone" }, { device_id: "laptop" }],
  },
  {
    kind: "progress",
    material_id: "state",
    completed_at: null,
    sessions: [{ session_id: "three" }],
    devices: [{ device_id: "phone" }],
  },
  { kind: "event", event_id: "event-1", type: "video.completed" },
  { kind: "delivery", event_id: "event-1", type: "video.completed" },
];

export class FakePrivacy {
  history: "on" | "paused" = "on";
  lines = LINES;
  /** The response ends without its last line. */
  isCutOff = false;
  erasure: FakeErasure | null = null;

  /** The steps of the erasure that are left, by their wire names. */
  eraseUpTo(remaining: string[]): void {
    const isFinished = remaining.length === 0;
    this.erasure = {
      state: isFinished ? "erased" : "erasing",
      requested_at: REQUESTED_AT,
      finished_at: isFinished ? "2026-11-22T10:30:11Z" : null,
      remaining,
    };
  }

  /** Undefined for a request that is about something else. */
  respond({ method, path, body }: { method: string; path: string; body: unknown }) {
    if (path.endsWith("/me/preferences")) return json(this.#preferences(method, body));
    if (path.endsWith("/me/export")) return this.#export();
    if (path.endsWith("/me/erasure")) {
      const problem = { status: 404, code: "erasure_not_found", detail: "There was none." };
      return this.erasure ? json(this.erasure) : json(problem, 404);
    }
    if (method !== "DELETE" || !path.endsWith("/progress/me")) return undefined;
    this.eraseUpTo(["watch_progress", "enrollments"]);
    this.lines = [];
    return json(this.erasure, 202);
  }

  #preferences(method: string, body: unknown): unknown {
    if (method === "PUT") this.history = (body as { history: "on" | "paused" }).history;
    return { history: this.history, changed_at: null };
  }

  #export(): Response {
    const lines = [{ kind: "export", student_id: "ana" }, ...this.lines];
    const end = this.isCutOff ? [] : [{ kind: "end", lines: lines.length }];
    const text = [...lines, ...end].map((line) => `${JSON.stringify(line)}\n`).join("");
    return new Response(text, { headers: { "Content-Type": "application/x-ndjson" } });
  }
}

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json" },
  });
}
