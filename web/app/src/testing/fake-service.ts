/** The service for component tests: one student and one course, in memory. */
import { act, waitFor } from "@testing-library/react";
import type {
  ContinueItem,
  Course,
  MyCourse,
  ResumePoint,
  TaughtCourse,
  VideoStatus,
  VideoStatusSummary,
} from "progress-service-api-client";
import type { LiveFrame, ProgressFrame, Report } from "progress-service-tracker";
import { expect, vi } from "vitest";
import { FakeAnalytics } from "./fake-analytics";
import { FakePrivacy } from "./fake-privacy";

export interface Call {
  method: string;
  path: string;
  body: unknown;
}

export function aFrame(changed: Partial<ProgressFrame> = {}): ProgressFrame {
  return {
    type: "progress",
    videoId: "welcome",
    watchTime: 300,
    totalDuration: 600,
    progressPercentage: 50,
    completed: false,
    watchedSeconds: 300,
    lastWatched: "2026-11-22T10:30:00Z",
    deviceId: "phone",
    cursor: "",
    ...changed,
  };
}

export function aListedCourse(changed: Partial<MyCourse> = {}): MyCourse {
  return {
    course_id: "demo",
    title: "Demo course",
    overall_progress: 0,
    materials: { total: 3, completed: 0 },
    last_watched: null,
    completed_at: null,
    ...changed,
  };
}

export function aTaughtCourse(changed: Partial<TaughtCourse> = {}): TaughtCourse {
  return {
    course_id: "demo",
    title: "Demo course",
    teacher_ids: ["tom"],
    material_count: 3,
    ...changed,
  };
}

interface FakeSocket {
  onmessage: ((event: { data: string }) => void) | null;
}

/** A status in a list. */
export function aSummary(changed: Partial<VideoStatusSummary> = {}): VideoStatusSummary {
  return {
    watch_time: 0,
    total_duration: 0,
    progress_percentage: 0,
    last_watched: null,
    completed: false,
    completed_at: null,
    complete_at_percent: 80,
    watched_seconds: 0,
    ...changed,
  };
}

export function aStatus(changed: Partial<VideoStatus> = {}): VideoStatus {
  return { ...aSummary(), watched_spans: [], ...changed };
}

function aVideo(
  materialId: string,
  title: string,
  module: string | null,
): Course["materials"][number] {
  return {
    material_id: materialId,
    title,
    type: "video",
    module,
    duration_seconds: 600,
    source_url: `/demo/media/${materialId}.mp4`,
    required: true,
    complete_at_percent: null,
    chapters: [
      { start_seconds: 0, title: "Intro" },
      { start_seconds: 120, title: "Middle" },
    ],
    intro: null,
    outro: null,
  };
}

export class FakeService {
  course: Course = {
    course_id: "demo",
    title: "Demo course",
    teacher_ids: ["tom"],
    complete_at_percent: null,
    materials: [
      aVideo("welcome", "Welcome", "Start here"),
      {
        ...aVideo("reading-list", "Reading list", "Start here"),
        type: "reading",
        source_url: null,
      },
      aVideo("state", "State", "Building blocks"),
    ],
  };
  statuses: Record<string, VideoStatus> = {};
  /** Where to resume; left out, the saved place. */
  resume: Record<string, Partial<ResumePoint>> = {};
  cards: ContinueItem[] = [];
  /** The learner's courses. */
  courses: MyCourse[] = [aListedCourse()];
  /** The courses of a teacher. */
  taughtCourses: TaughtCourse[] = [aTaughtCourse()];
  /** How many courses a page of them has. */
  taughtCoursesPerPage = 100;
  analytics = new FakeAnalytics();
  privacy = new FakePrivacy();
  dismissedIds: string[] = [];
  completedIds: string[] = [];
  calls: Call[] = [];
  /** The response to every request, instead of success. */
  problem: { status: number; code: string; detail: string } | null = null;
  /** The clock of the service; that of the device may differ. */
  clockMs = Date.now;
  /** It accepts requests and does not respond. */
  isUnresponsive = false;
  /** The same for the requests to one path, by its end. */
  unresponsivePath: string | null = null;
  /** The page of a proxy, sent with 502 instead of every response. */
  page: string | null = null;
  /** Why stored reports are rejected; null when they are accepted. */
  rejection: { code: string; detail: string; retry?: boolean } | null = null;
  /** The response to stored reports waits for this. */
  eventsDelay: Promise<unknown> = Promise.resolve();
  #isOnline = true;
  #sockets = new Set<FakeSocket>();

  constructor() {
    const sockets = this.#sockets;
    vi.spyOn(navigator, "onLine", "get").mockImplementation(() => this.#isOnline);
    vi.stubGlobal(
      "WebSocket",
      class implements FakeSocket {
        onmessage = null;
        constructor() {
          sockets.add(this);
        }
        close() {
          sockets.delete(this);
        }
        send() {}
      },
    );
    vi.stubGlobal("fetch", (input: Request | string, init?: RequestInit) => {
      const url = new URL(typeof input === "string" ? input : input.url, location.origin);
      const request = new Request(url, typeof input === "string" ? {} : input);
      return this.#respond(new Request(request, init));
    });
  }

  /** Every report, live or from the outbox, in the order of the requests. */
  get reports(): Report[] {
    return this.calls.flatMap(({ path, body }) => {
      if (path.endsWith("/watch-time")) return [body as Report];
      return path.endsWith("/events") ? (body as { events: Report[] }).events : [];
    });
  }

  /** Send a frame to every open socket, once there is one. */
  async push(frame: LiveFrame): Promise<void> {
    const ready = { type: "ready", cursor: "", heartbeat_seconds: 25 };
    await waitFor(() => expect(this.#sockets.size).toBeGreaterThan(0));
    act(() => {
      for (const socket of this.#sockets) {
        for (const one of [ready, frame]) socket.onmessage?.({ data: JSON.stringify(one) });
      }
    });
  }

  /** The network is lost, or back. */
  setOnline(isOnline: boolean): void {
    this.#isOnline = isOnline;
    act(() => {
      window.dispatchEvent(new Event(isOnline ? "online" : "offline"));
    });
  }

  callsTo(ending: string): Call[] {
    return this.calls.filter(({ path }) => path.endsWith(ending));
  }

  async #respond(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (!this.#isOnline) throw new TypeError("Failed to fetch");
    const path = this.unresponsivePath;
    if (this.isUnresponsive || (path && pathname.endsWith(path))) {
      return new Promise((_, reject) => {
        request.signal.addEventListener("abort", () => reject(request.signal.reason));
      });
    }
    if (this.page) return new Response(this.page, { status: 502 });
    const text = await request.text();
    const call = { method: request.method, path: pathname, body: text ? JSON.parse(text) : null };
    this.calls.push(call);
    if (pathname.endsWith("/events")) await this.eventsDelay;
    if (this.problem) return this.#json(this.problem, this.problem.status);
    if (pathname.startsWith("/api/progress/analytics/")) {
      const body = this.analytics.bodyFor(request);
      return typeof body === "string" ? new Response(body) : this.#json(body);
    }
    const own = this.privacy.respond(call);
    if (own) return own;
    return this.#json(this.#bodyFor(call, searchParams.get("after")));
  }

  #bodyFor({ method, path, body }: Call, after: string | null): unknown {
    const id = path.split("/")[4] ?? "";
    if (path.endsWith("/changes")) return { cursor: "", changes: [] };
    if (path.endsWith("/status")) return this.#status(id);
    if (path.endsWith("/resume")) return this.#resume(id);
    if (path.endsWith("/dismissed")) return this.#dismiss(id, method === "PUT");
    if (path.endsWith("/continue-watching")) {
      return {
        items: this.cards.filter(({ course_id }) => !this.dismissedIds.includes(course_id)),
      };
    }
    if (path.endsWith("/complete")) return this.#mark(id, method === "POST");
    if (path.endsWith("/watch-time")) return { message: "Watch time updated" };
    if (path.endsWith("/events")) {
      const { events } = body as { events: { event_id: string }[] };
      return {
        results: events.map(({ event_id }) =>
          this.rejection
            ? { event_id, status: "rejected", ...this.rejection }
            : { event_id, status: "applied" },
        ),
        cursor: "",
      };
    }
    if (path === "/api/catalog/courses") return this.#taughtCourses(after);
    if (path === "/api/progress/courses") return { courses: this.courses, next: null };
    if (path.endsWith("/videos/batch")) {
      const { video_ids } = body as { video_ids: string[] };
      const progress = Object.fromEntries(video_ids.map((id) => [id, this.#summary(id)]));
      return { progress, unavailable: [] };
    }
    if (path.startsWith("/api/progress/course/")) return { progress: this.#courseProgress() };
    return this.course;
  }

  #taughtCourses(after: string | null): unknown {
    const begin = this.taughtCourses.findIndex(({ course_id }) => course_id === after) + 1;
    const end = begin + this.taughtCoursesPerPage;
    const courses = this.taughtCourses.slice(begin, end);
    const next = end < this.taughtCourses.length ? courses.at(-1)?.course_id : null;
    return { courses, next };
  }

  #status(videoId: string): VideoStatus {
    return this.statuses[videoId] ?? aStatus();
  }

  #summary(videoId: string): VideoStatusSummary {
    const { watched_spans: _, ...summary } = this.#status(videoId);
    return summary;
  }

  #resume(videoId: string): unknown {
    const { watch_time, completed } = this.#status(videoId);
    return {
      resume_at: completed ? 0 : watch_time,
      reason: watch_time === 0 ? "start" : completed ? "replay" : "resume",
      rewind_seconds: 0,
      watch_time,
      chapter: null,
      skip: { intro: null, outro: null },
      alternatives: [],
      next: null,
      ...this.resume[videoId],
    };
  }

  #dismiss(courseId: string, isDismissed: boolean): unknown {
    this.dismissedIds = this.dismissedIds.filter((id) => id !== courseId);
    if (isDismissed) this.dismissedIds.push(courseId);
    return {};
  }

  #mark(materialId: string, isDone: boolean): unknown {
    this.completedIds = this.completedIds.filter((id) => id !== materialId);
    if (isDone) this.completedIds.push(materialId);
    return { message: "Done" };
  }

  #courseProgress(): unknown {
    const [total, completed] = [this.course.materials.length, this.completedIds.length];
    return {
      course_id: "demo",
      student_id: "ana",
      overall_progress: Math.round((10_000 * completed) / total) / 100,
      materials: { total, completed, completed_ids: this.completedIds },
      videos: Object.fromEntries(
        this.course.materials
          .filter(({ type }) => type === "video")
          .map(({ material_id }) => [material_id, this.#summary(material_id)]),
      ),
      last_watched: null,
      completed_at: null,
    };
  }

  #json(body: unknown, status = 200): Response {
    const type = status < 400 ? "application/json" : "application/problem+json";
    const headers = { "Content-Type": type, Date: new Date(this.clockMs()).toUTCString() };
    return new Response(JSON.stringify(body), { status, headers });
  }
}
