/** A browser with several tabs, its disk, its network and the service: all in memory. */
import { createTrackerClient } from "../src/client";
import type { Locks } from "../src/locks";
import type { Network } from "../src/network";
import type { Rejection } from "../src/outbox";
import type { Report } from "../src/report";
import type { Socket } from "../src/socket";
import { isSame, type OutboxEntry, type ReportStore } from "../src/store";
import { createTracker, type TrackerOptions } from "../src/tracker";
import { FakeClock, FakePlayer } from "./fakes";

export interface SentEvent extends Report {
  event_id: string;
  video_id: string;
}

interface Request {
  path: string;
  bearer: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it has sent.
  body: any;
  keepalive: boolean;
}

export class FakeDisk implements ReportStore {
  /** Pending reports, and the copies of stored ones. */
  rows: OutboxEntry[] = [];
  copies: OutboxEntry[] = [];
  isBroken = false;

  async all(accountId: string): Promise<OutboxEntry[]> {
    const all = this.isBroken ? [] : [...this.rows, ...this.copies];
    return all.filter((entry) => entry.accountId === accountId);
  }

  async put(entry: OutboxEntry): Promise<void> {
    if (this.isBroken) return;
    const table = entry.isStored ? "copies" : "rows";
    const others = this[table].filter((other) => !hasSameKey(other, entry));
    this[table] = [...others, structuredClone(entry)];
  }

  async remove(entry: OutboxEntry): Promise<void> {
    const isOther = (row: OutboxEntry) => !hasSameKey(row, entry) || !isSame(row, entry);
    this.rows = this.rows.filter(isOther);
    this.copies = this.copies.filter(isOther);
  }
}

const hasSameKey = (one: OutboxEntry, other: OutboxEntry) =>
  one.accountId === other.accountId && one.id === other.id;

/** The locks of all tabs of the browser. */
export class FakeLocks {
  held = new Map<string, string>();
  isMissing = false;
  #last: Promise<unknown> = Promise.resolve();

  of(tab: string): Locks {
    return {
      hold: (name) => {
        this.held.set(name, tab);
        return () => this.held.delete(name);
      },
      held: async () => (this.isMissing ? null : new Set(this.held.keys())),
      alone: (_name, run) => {
        const turn = this.#last.then(run, run);
        this.#last = turn.catch(() => {});
        return turn;
      },
    };
  }

  /** The browser releases the locks of a tab that is gone. */
  releaseAll(tab: string): void {
    for (const [name, holder] of this.held) if (holder === tab) this.held.delete(name);
  }
}

export class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it has sent.
  sent: any[] = [];
  isClosed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.isClosed = true;
  }

  /** Send a frame to the page. */
  /** Send a frame to the page. */
  push(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** Open the connection and send the first frame. */
  accept(heartbeat_seconds = 25): void {
    this.onopen?.();
    this.push({ type: "ready", cursor: "ready", heartbeat_seconds });
  }

  end(code: number): void {
    this.onclose?.({ code });
  }
}

export class FakeNetwork implements Network {
  requests: Request[] = [];
  sockets: FakeSocket[] = [];
  /** The next responses, by the end of the path; without one, the request succeeds. */
  responses: Record<string, (Response | Error | Promise<Response>)[]> = {};
  /** A page of another origin may not read the `Date` header. */
  isDateHidden = false;
  #isOnline = true;
  #watchers = new Set<() => void>();

  constructor(readonly clock: FakeClock) {}

  isOnline = () => this.#isOnline;

  watch(onChange: () => void): () => void {
    this.#watchers.add(onChange);
    return () => this.#watchers.delete(onChange);
  }

  setOnline(isOnline: boolean): void {
    this.#isOnline = isOnline;
    for (const onChange of this.#watchers) onChange();
  }

  fetch = async (address: string, request: RequestInit): Promise<Response> => {
    if (!this.#isOnline) throw new TypeError("Failed to fetch");
    const path = address.split("?")[0] ?? "";
    const headers = request.headers as Record<string, string>;
    const bearer = (headers.Authorization ?? "").replace("Bearer ", "");
    const body = request.body ? JSON.parse(String(request.body)) : null;
    this.requests.push({ path: address, bearer, body, keepalive: Boolean(request.keepalive) });
    const planned = this.responses[path.split("/").at(-1) ?? ""]?.shift();
    if (planned instanceof Error) throw planned;
    const response = (await planned) ?? this.#success(path, body);
    if (!this.isDateHidden && !response.headers.has("Date")) {
      response.headers.set("Date", new Date(this.clock.trueMs()).toISOString());
    }
    return response;
  };

  socket = (): FakeSocket => {
    const socket = new FakeSocket();
    this.sockets.push(socket);
    return socket;
  };

  get lastSocket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("no socket was opened");
    return socket;
  }

  to(ending: string): Request[] {
    return this.requests.filter(({ path }) => (path.split("?")[0] ?? "").endsWith(ending));
  }

  get events(): SentEvent[] {
    return this.to("/events").flatMap(({ body }) => body.events);
  }

  #success(path: string, body: { events: SentEvent[] } | null): Response {
    if (path.endsWith("/events")) {
      const results = body?.events.map(({ event_id }) => ({ event_id, status: "applied" }));
      return json({ results, cursor: "after" });
    }
    if (path.endsWith("/changes")) return json({ cursor: "polled", changes: [] });
    return json({});
  }
}

/** A real response needs more than promises before its body can be read. */
export const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  ({
    ok: status < 400,
    status,
    headers: new Headers(headers),
    json: async () => structuredClone(body),
  }) as Response;

/** The login page of a network that intercepts requests. */
export const htmlPage = () =>
  ({
    ok: true,
    status: 200,
    headers: new Headers(),
    json: () => Promise.reject(new SyntaxError("<html>")),
  }) as Response;

/** A token like those of the service; its signature is not checked here. */
export function aToken(sub = "ana", exp = 4_000_000_000): string {
  return [{ alg: "HS256" }, { sub, exp }, "signature"]
    .map((part) => btoa(JSON.stringify(part)))
    .join(".");
}

export class World {
  clock = new FakeClock();
  network = new FakeNetwork(this.clock);
  disk = new FakeDisk();
  locks = new FakeLocks();
  token: string | null = aToken();
  rejected: Rejection[] = [];
  renewals = 0;
  /** The result of a renewal; null when it fails. */
  freshToken: string | null = null;
  #tabs = 0;

  /** Open a page for an account, on this same browser. */
  openTab(accountId = "ana") {
    const name = `tab ${++this.#tabs}`;
    const player = new FakePlayer(this.clock);
    const client = createTrackerClient({
      accountId,
      deviceId: "laptop",
      token: () => this.token,
      onUnauthenticated: async () => {
        this.renewals += 1;
        this.token = this.freshToken ?? this.token;
        return this.freshToken !== null;
      },
      onRejected: (rejection) => this.rejected.push(rejection),
      clock: this.clock,
      network: this.network,
      store: this.disk,
      locks: this.locks.of(name),
      random: () => 1,
    });
    const watch = (options: Partial<TrackerOptions> = {}) =>
      createTracker(player, { ...client, videoId: "video-1", ...options });
    /** The process is gone: it does nothing any more, and its locks are free. */
    const kill = () => {
      this.locks.releaseAll(name);
      client.outbox.stop();
      player.signal = () => {};
    };
    return { client, player, watch, kill, outbox: client.outbox };
  }
}

export function aReport(changed: Partial<Report> = {}): Report {
  return {
    watch_time: 40,
    total_duration: 600,
    observed_at: "2026-11-22T10:30:00.000Z",
    kind: "heartbeat",
    device_id: "laptop",
    session_id: "session-1",
    played: [[0, 40]],
    played_seconds: 40,
    ...changed,
  };
}
