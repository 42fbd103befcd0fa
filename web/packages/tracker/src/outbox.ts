/** Stores every report before it is sent, and deletes it only when the service has acknowledged it. */
import { backoffSeconds } from "./backoff";
import type { Cancel } from "./clock";
import { coalesce } from "./coalesce";
import { createEntries, placesIn } from "./entries";
import { type EventsOptions, sendEvents } from "./events";
import type { Failure } from "./http";
import type { Locks } from "./locks";
import type { Network } from "./network";
import { createStore, type ReadableStore } from "./readable-store";
import type { Report } from "./report";
import type { OutboxEntry, ReportStore } from "./store";

export interface OutboxState {
  /** Pending reports, without those of a video that is being watched online. */
  waiting: number;
  /** Pending reports are being sent. */
  isDraining: boolean;
  /** False only when there is certainly no network. */
  isOnline: boolean;
}

/** A stored report that the service does not accept. */
export interface Rejection {
  videoId: string;
  report: Report;
  code: string;
  detail: string;
  /** It may be accepted later: it stays for 30 days and is sent once a day. Otherwise it is deleted. */
  retry: boolean;
}

export interface Outbox extends ReadableStore<OutboxState> {
  /** Send what closed pages left behind, now and whenever the network is back. */
  start: () => void;
  stop: () => void;
  /** Store a report of an open session; it replaces the previous one. */
  put: (sessionId: string, videoId: string, report: Report) => void;
  /** The service has responded to this report of the session: it is stored there, or rejected. */
  acknowledge: (sessionId: string, report: Report, isStored: boolean) => void;
  /** The newest report of the session could not be sent: the outbox sends it again. */
  defer: (sessionId: string, failure?: Failure) => void;
  /** The page is closing: send what is new in the session, with a request that outlives the page. */
  flushOnPageHide: (sessionId: string, hasNews: boolean) => void;
  /** The session is over. Resolves when its reports are acknowledged, or have to be sent later. */
  close: (sessionId: string) => Promise<void>;
  /**
   * Send everything that belongs to no open session. One drain at a time in the whole browser, and
   * none before the `Retry-After` of the service has passed.
   */
  drain: () => Promise<void>;
  /**
   * The newest pending report of each video, by video id.
   *
   * @param withStored also the copies of reports that the service has stored
   */
  pendingReports: (withStored?: boolean) => Promise<ReadonlyMap<string, Report>>;
  /**
   * Delete every report of the account in this browser, unsent, and the copies of stored ones; or the
   * copies only.
   */
  clear: (onlyCopies?: boolean) => Promise<void>;
}

export interface OutboxOptions extends EventsOptions {
  accountId: string;
  store: ReportStore;
  locks: Locks;
  network: Network;
  random?: () => number;
  onUnauthenticated?: () => Promise<boolean>;
  onRejected?: (rejection: Rejection) => void;
}

/** An event of 200 spans takes 5 kB, and the service accepts 1 MiB in one request. */
const MAX_EVENTS = 100;
const DAY_MS = 86_400_000;
/** An enrolment may lapse, or a course be withdrawn, for this long without a loss. */
const RETRY_REJECTED_MS = 30 * DAY_MS;

export function openOutbox(options: OutboxOptions): Outbox {
  const { accountId, store, locks, network, clock, random } = options;
  const isOnline = network.isOnline();
  const view = createStore<OutboxState>({ waiting: 0, isDraining: false, isOnline });
  const entries = createEntries(accountId, store, clearOverdue);
  /** Sessions of this page that send their own reports, each with the release of its lock. */
  const openSessions = new Map<string, () => void>();
  /** Ids of the entries that count as waiting. */
  const overdue = new Set<string>();
  let failures = 0;
  /** From `Retry-After`. */
  let notBeforeMs = 0;
  let cancelTimer: Cancel = () => {};
  /** From then on, attempts include what was rejected but may be accepted later. */
  let retryRejectedAtMs = 0;
  let stopWatching: (() => void) | null = null;

  function put(sessionId: string, videoId: string, report: Report): void {
    if (!openSessions.has(sessionId)) openSessions.set(sessionId, locks.hold(sessionId));
    const entry = { accountId, id: sessionId, sessionId, videoId, report };
    entries.replace(entry);
    if (!view.state.isOnline) markOverdue([entry]);
  }

  function acknowledge(sessionId: string, report: Report, isStored: boolean): void {
    for (const entry of entries.ofSession(sessionId)) {
      (isStored ? entries.markStored : entries.remove)({ ...entry, report });
    }
    // A report from further on is an entry of its own. A newer one may have failed meanwhile.
    if (overdue.size || entries.ofSession(sessionId).length) void drain();
  }

  function markOverdue(late: Iterable<OutboxEntry>): void {
    for (const { id } of late) overdue.add(id);
    count();
  }

  function clearOverdue(id: string): void {
    overdue.delete(id);
    count();
  }

  const count = () => view.set({ waiting: overdue.size });

  function release(sessionId: string): void {
    openSessions.get(sessionId)?.();
    openSessions.delete(sessionId);
  }

  const drain = coalesce(() =>
    locks
      .alone(`progress-outbox ${accountId}`, drainAlone)
      .finally(() => view.set({ isDraining: false })),
  );

  async function drainAlone(): Promise<void> {
    cancelTimer();
    const due = await orphans();
    const waitSeconds = (notBeforeMs - clock.steadyMs()) / 1000;
    if (waitSeconds > 0) scheduleRetry(waitSeconds);
    else if (view.state.isOnline) {
      while (due.length > 0 && (await send(due.slice(0, MAX_EVENTS)))) due.splice(0, MAX_EVENTS);
    }
    // The batches behind a failed one are overdue too, and count as waiting.
    markOverdue(due);
  }

  /** Entries of closed sessions, of this page and of others. */
  async function orphans(): Promise<OutboxEntry[]> {
    const alive = await locks.held();
    const all = await entries.all();
    for (const id of overdue) if (!all.has(id)) clearOverdue(id);
    return [...all.values()].filter((entry) => {
      if (entry.isStored || (entry.rejectedSinceMs && clock.steadyMs() < retryRejectedAtMs))
        return false;
      if (entry.id !== entry.sessionId || overdue.has(entry.id)) return true;
      // Without locks, sending a report of an open session is harmless.
      return entries.has(entry.id) ? !openSessions.has(entry.id) : !alive?.has(entry.id);
    });
  }

  /** @returns whether to continue with the next batch */
  async function send(batch: OutboxEntry[], keepalive?: boolean): Promise<boolean> {
    view.set({ isDraining: true });
    const response = await sendEvents(batch, options, keepalive);
    if (response.status !== "ok") {
      markOverdue(batch);
      await backOff(response);
      return false;
    }
    failures = 0;
    batch.forEach((entry, index) => {
      const result = response.body.results[index];
      if (result.status === "rejected") reject(entry, result);
      else entries.markStored(entry);
    });
    return true;
  }

  function reject(entry: OutboxEntry, { code, detail, retry }: Rejection): void {
    const { videoId, report, rejectedSinceMs = clock.wallMs() } = entry;
    const stays = retry && clock.wallMs() - rejectedSinceMs < RETRY_REJECTED_MS;
    retryRejectedAtMs = clock.steadyMs() + DAY_MS;
    if (entries.remove(entry) && stays) entries.write({ ...entry, rejectedSinceMs });
    // The service has nothing any more that a copy could be of.
    if (code === "erased") void clear(true);
    options.onRejected?.({ videoId, report, code, detail, retry: stays });
  }

  async function clear(onlyCopies?: boolean): Promise<void> {
    for (const [, entry] of await entries.all()) {
      if (entry.isStored || !onlyCopies) entries.remove(entry);
    }
  }

  async function backOff(failure: Failure): Promise<void> {
    let waitSeconds = backoffSeconds(failures, random);
    failures += 1;
    if (failure.retryAfterSeconds) {
      waitSeconds = failure.retryAfterSeconds;
      notBeforeMs = clock.steadyMs() + waitSeconds * 1000;
    }
    if (failure.status === "unauthenticated" && (await options.onUnauthenticated?.())) {
      // A fresh token that is rejected as well will not be accepted a moment later.
      if (failures < 2) waitSeconds = 0;
    }
    scheduleRetry(waitSeconds);
  }

  function scheduleRetry(seconds: number): void {
    cancelTimer();
    if (stopWatching || openSessions.size) cancelTimer = clock.after(seconds, drain);
  }

  return Object.assign(view, {
    start() {
      stopWatching ??= network.watch(() => {
        view.set({ isOnline: network.isOnline() });
        if (view.state.isOnline) void drain();
        else markOverdue(entries.values());
      });
      void drain();
    },
    stop() {
      stopWatching?.();
      stopWatching = null;
      cancelTimer();
    },
    put,
    acknowledge,
    defer(sessionId: string, failure?: Failure) {
      markOverdue(entries.ofSession(sessionId));
      if (failure?.status === "retry") void backOff(failure);
    },
    flushOnPageHide(sessionId: string, hasNews: boolean) {
      release(sessionId);
      if (hasNews) void send(entries.ofSession(sessionId), true);
    },
    close(sessionId: string) {
      release(sessionId);
      return drain();
    },
    drain,
    clear,
    async pendingReports(withStored?: boolean) {
      return placesIn(await entries.all(), withStored);
    },
  });
}
