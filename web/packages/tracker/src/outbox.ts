/** Takes every report first, and lets go of it only when the service has answered for it. */
import { backoffSeconds } from "./backoff";
import { batchesOf, eventsOf } from "./batches";
import type { Call, Failure } from "./calls";
import type { Cancel, Clock } from "./clock";
import type { Locks } from "./locks";
import type { Network } from "./network";
import { type Followed, observable } from "./observable";
import type { Report } from "./report";
import { isSame, type Kept, type ReportStore } from "./store";

export interface OutboxState {
  /** Reports that could not be handed in yet; what is just being watched does not count. */
  waiting: number;
  /** They are being handed in right now. */
  isDraining: boolean;
  /** False only when there is surely no network. */
  isOnline: boolean;
}

/** A kept report that the service will never take; it is gone from the outbox. */
export interface Rejection {
  videoId: string;
  report: Report;
  code: string;
  detail: string;
}

export interface Outbox extends Followed<OutboxState> {
  /** Hand in what was left behind, now and whenever the network comes back. */
  start: () => void;
  stop: () => void;
  /** Take a report of a session that goes on; it replaces the one before. */
  keep: (sessionId: string, videoId: string, report: Report) => void;
  /** The service has answered for this report of the session. */
  settle: (sessionId: string, report: Report) => void;
  /** The session's newest report could not be handed in for now. */
  delayed: (sessionId: string) => void;
  /** The page goes away: hand in what is new of the session with a request that outlives it. */
  leave: (sessionId: string, hasNews: boolean) => void;
  /** The session is over. Resolves when its rows were answered for, or have to wait. */
  release: (sessionId: string) => Promise<void>;
  /**
   * Hand in everything that no living session takes care of. One at a time in the whole browser, and
   * not before the service wants to hear of it again (`Retry-After`).
   */
  drain: () => Promise<void>;
  /** By video, the newest of the reports that the service has not answered for yet. */
  newest: () => Promise<ReadonlyMap<string, Report>>;
}

export interface OutboxOptions {
  accountId: string;
  call: Call;
  store: ReportStore;
  locks: Locks;
  network: Network;
  clock: Clock;
  random?: () => number;
  onUnauthenticated?: () => Promise<boolean>;
  onRejected?: (rejection: Rejection) => void;
}

/** Where nobody can tell which tabs live, a row this young may still grow. */
const YOUNG_SECONDS = 3;

export function openOutbox(options: OutboxOptions): Outbox {
  const { accountId, call, store, locks, network, clock, random } = options;
  const isOnline = network.isOnline();
  const view = observable<OutboxState>({ waiting: 0, isDraining: false, isOnline });
  /** This page's own rows, by id; they outlive a storage that fails. */
  const own = new Map<string, Kept>();
  /** Sessions of this page that report by themselves, with the way to let go. */
  const open = new Map<string, () => void>();
  const late = new Set<string>();
  let draining: Promise<void> | null = null;
  let drainingNext: Promise<void> | null = null;
  let failures = 0;
  /** The service has asked for peace until then. */
  let notBeforeMs = 0;
  let cancelTimer: Cancel = () => {};
  let stopWatching: (() => void) | null = null;

  function keep(sessionId: string, videoId: string, report: Report): void {
    if (!open.has(sessionId)) open.set(sessionId, locks.hold(sessionId));
    const held = own.get(sessionId);
    const kept = { accountId, id: sessionId, sessionId, videoId, report, keptAtMs: clock.wallMs() };
    if (held && isLost(held.report, report)) putFurthest({ ...held, id: furthestId(sessionId) });
    put(kept);
    if (!view.state.isOnline) markLate([kept]);
  }

  function putFurthest(kept: Kept): void {
    const known = own.get(kept.id)?.report.watch_time ?? 0;
    if (known < kept.report.watch_time) put(kept);
  }

  function put(kept: Kept): void {
    own.set(kept.id, kept);
    void store.put(kept);
  }

  function remove(kept: Kept): void {
    const held = own.get(kept.id);
    if (!held || isSame(held, kept)) {
      own.delete(kept.id);
      inTime(kept.id);
    }
    void store.remove(kept);
  }

  function settle(sessionId: string, report: Report): void {
    for (const held of ofSession(sessionId)) remove({ ...held, report });
    // What was played while the answer was on its way is not late.
    inTime(sessionId);
    // What was further on than the newest report is no part of it, and goes out on its own.
    if (late.size > 0 || own.has(furthestId(sessionId))) void drain();
  }

  function markLate(rows: Iterable<Kept>): void {
    for (const { id } of rows) late.add(id);
    view.set({ waiting: late.size });
  }

  function inTime(id: string): void {
    late.delete(id);
    view.set({ waiting: late.size });
  }

  const ofSession = (sessionId: string) =>
    [...own.values()].filter((kept) => kept.sessionId === sessionId);

  function close(sessionId: string): void {
    open.get(sessionId)?.();
    open.delete(sessionId);
  }

  function drain(): Promise<void> {
    // The one under way may have looked before the newest row was there.
    if (draining) {
      drainingNext ??= draining.then(() => {
        drainingNext = null;
        return drain();
      });
      return drainingNext;
    }
    draining = locks.alone(`progress-outbox ${accountId}`, handIn).finally(() => {
      draining = null;
      view.set({ isDraining: false });
    });
    return draining;
  }

  async function handIn(): Promise<void> {
    cancelTimer();
    const batches = batchesOf(await orphans());
    const waitSeconds = (notBeforeMs - clock.steadyMs()) / 1000;
    if (waitSeconds > 0) tryAgain(waitSeconds);
    else if (view.state.isOnline) while (batches[0] && (await send(batches[0]))) batches.shift();
    // Batches behind a failed one are late too, so that they count as waiting.
    markLate(batches.flat());
  }

  /** By id. */
  async function allRows(): Promise<Map<string, Kept>> {
    const stored = (await store.all(accountId)).map((kept) => [kept.id, kept] as const);
    return new Map([...stored, ...own]);
  }

  /** Rows of sessions that are over, wherever they were. */
  async function orphans(): Promise<Kept[]> {
    const alive = await locks.held();
    const rows = await allRows();
    for (const id of late) if (!rows.has(id)) inTime(id);
    return [...rows.values()].filter((kept) => {
      if (kept.id !== kept.sessionId) return true;
      if (own.has(kept.id)) return !open.has(kept.id);
      if (alive) return !alive.has(kept.id);
      const isYoung = clock.wallMs() - kept.keptAtMs < YOUNG_SECONDS * 1000;
      if (isYoung) tryAgain(YOUNG_SECONDS);
      return !isYoung;
    });
  }

  /** @returns whether to go on with the next ones */
  async function send(rows: Kept[], keepalive = false): Promise<boolean> {
    view.set({ isDraining: true });
    const sent_at = new Date(clock.wallMs()).toISOString();
    const body = { sent_at, events: eventsOf(rows) };
    const answer = await call("/api/progress/events", body, keepalive);
    if (answer.status !== "ok") {
      markLate(rows);
      await failed(answer);
      return false;
    }
    failures = 0;
    for (const [index, kept] of rows.entries()) {
      const { status, code, detail } = answer.body.results[index];
      const { videoId, report } = kept;
      remove(kept);
      if (status === "rejected") options.onRejected?.({ videoId, report, code, detail });
    }
    return true;
  }

  async function failed(failure: Failure): Promise<void> {
    let waitSeconds = backoffSeconds(failures, { random });
    failures += 1;
    if (failure.status === "later" && failure.retryAfterSeconds) {
      waitSeconds = failure.retryAfterSeconds;
      notBeforeMs = clock.steadyMs() + waitSeconds * 1000;
    }
    if (failure.status === "unauthenticated" && (await options.onUnauthenticated?.())) {
      // A fresh token that is refused again will hardly be better at once.
      if (failures === 1) waitSeconds = 0;
    }
    tryAgain(waitSeconds);
  }

  function tryAgain(afterSeconds: number): void {
    cancelTimer();
    if (stopWatching) cancelTimer = clock.after(afterSeconds, drain);
  }

  return {
    get state() {
      return view.state;
    },
    subscribe: view.subscribe,
    start() {
      stopWatching ??= network.watch(() => {
        view.set({ isOnline: network.isOnline() });
        if (view.state.isOnline) void drain();
        else markLate(own.values());
      });
      void drain();
    },
    stop() {
      stopWatching?.();
      stopWatching = null;
      cancelTimer();
    },
    keep,
    settle,
    delayed: (sessionId) => markLate(ofSession(sessionId)),
    leave(sessionId, hasNews) {
      close(sessionId);
      if (hasNews) void send(ofSession(sessionId), true);
    },
    release(sessionId) {
      close(sessionId);
      return drain();
    },
    drain,
    async newest() {
      const rows = [...(await allRows()).values()].sort(oldestFirst);
      return new Map(rows.map(({ videoId, report }) => [videoId, report]));
    },
  };
}

const furthestId = (sessionId: string) => `${sessionId}:furthest`;

/** Having been further on may complete a video; a step back in its place must not lose that. */
const isLost = (held: Report, next: Report) =>
  held.kind !== "seek" && held.watch_time > next.watch_time;

const oldestFirst = (one: Kept, other: Kept) =>
  one.report.observed_at.localeCompare(other.report.observed_at);
