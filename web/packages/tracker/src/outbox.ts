/** Takes every report first, and lets go of it only when the service has answered for it. */
import { backoffSeconds } from "./backoff";
import type { Call, Failure } from "./calls";
import { type Cancel, type Clock, isoOf } from "./clock";
import type { ClockOffset } from "./clock-offset";
import type { Locks } from "./locks";
import type { Network } from "./network";
import { type Followed, observable } from "./observable";
import { RESTART_BELOW_SECONDS } from "./playback";
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

/** A kept report that the service does not take. */
export interface Rejection {
  videoId: string;
  report: Report;
  code: string;
  detail: string;
  /** It may be taken later: it stays for 30 days and is tried once a day. Otherwise it is gone. */
  retry: boolean;
}

export interface Outbox extends Followed<OutboxState> {
  /** Hand in what was left behind, now and whenever the network comes back. */
  start: () => void;
  stop: () => void;
  /** Take a report of a session that goes on; it replaces the one before. */
  keep: (sessionId: string, videoId: string, report: Report) => void;
  /** The service has answered for this report of the session: it has it, or will never take it. */
  settle: (sessionId: string, report: Report, isStored: boolean) => void;
  /** The session's newest report could not be handed in for now; it is tried again from here. */
  delayed: (sessionId: string, failure?: Failure) => void;
  /** The page goes away: hand in what is new of the session with a request that outlives it. */
  leave: (sessionId: string, hasNews: boolean) => void;
  /** The session is over. Resolves when its rows were answered for, or have to wait. */
  release: (sessionId: string) => Promise<void>;
  /**
   * Hand in everything that no living session takes care of. One at a time in the whole browser, and
   * not before the service wants to hear of it again (`Retry-After`).
   */
  drain: () => Promise<void>;
  /**
   * By video, the newest of the reports that the service has not answered for yet.
   *
   * @param withStored also those that it has, as far as this browser holds a copy
   */
  newest: (withStored?: boolean) => Promise<ReadonlyMap<string, Report>>;
}

export interface OutboxOptions {
  accountId: string;
  call: Call;
  store: ReportStore;
  locks: Locks;
  network: Network;
  clock: Clock;
  toServiceMs: ClockOffset["toServiceMs"];
  random?: () => number;
  onUnauthenticated?: () => Promise<boolean>;
  onRejected?: (rejection: Rejection) => void;
}

/** An event of 200 spans takes 5 kB, and the service takes 1 MiB at once. */
const MAX_EVENTS = 100;
const DAY_MS = 86_400_000;
/** An enrolment may lapse, and a course may be away, for so long without a loss. */
const RETRY_REJECTED_MS = 30 * DAY_MS;

export function openOutbox(options: OutboxOptions): Outbox {
  const { accountId, call, store, locks, network, clock, toServiceMs, random } = options;
  const isOnline = network.isOnline();
  const view = observable<OutboxState>({ waiting: 0, isDraining: false, isOnline });
  /** This page's own rows, by id; they outlive a storage that fails. */
  const own = new Map<string, Kept>();
  /** Sessions of this page that report by themselves, with the way to let go. */
  const open = new Map<string, () => void>();
  const late = new Set<string>();
  let draining = Promise.resolve();
  let drainingNext: Promise<void> | undefined;
  let failures = 0;
  /** The service has asked for peace until then. */
  let notBeforeMs = 0;
  let cancelTimer: Cancel = () => {};
  /** What was rejected, but may be taken later, takes part in the attempts from then on. */
  let retryRejectedAtMs = 0;
  let stopWatching: (() => void) | null = null;

  function keep(sessionId: string, videoId: string, report: Report): void {
    if (!open.has(sessionId)) open.set(sessionId, locks.hold(sessionId));
    const held = own.get(sessionId);
    const kept = { accountId, id: sessionId, sessionId, videoId, report };
    if (held && isLost(held.report, report)) {
      const id = `${sessionId}:furthest`;
      const known = own.get(id)?.report.watch_time ?? 0;
      if (known < held.report.watch_time) put({ ...held, id });
    }
    put(kept);
    if (!view.state.isOnline) markLate([kept]);
  }

  function put(kept: Kept): void {
    own.set(kept.id, kept);
    void store.put(kept);
  }

  /** @returns false when a newer report has taken its place */
  function remove(kept: Kept): boolean {
    const held = own.get(kept.id);
    const isNewest = !held || isSame(held, kept);
    if (isNewest) {
      own.delete(kept.id);
      inTime(kept.id);
    }
    void store.remove(kept);
    return isNewest;
  }

  function stored(kept: Kept): void {
    remove(kept);
    if (kept.id !== kept.sessionId) return;
    // This browser's own copy of the place, for a time without the service.
    void store.put({ ...kept, id: kept.videoId, isStored: true });
  }

  function settle(sessionId: string, report: Report, isStored: boolean): void {
    for (const held of ofSession(sessionId)) (isStored ? stored : remove)({ ...held, report });
    // What was played while the answer was on its way is not late.
    inTime(sessionId);
    // What was further on than the newest report is no part of it, and goes out on its own.
    if (late.size || ofSession(sessionId).length) void drain();
  }

  function markLate(rows: Iterable<Kept>): void {
    for (const { id } of rows) late.add(id);
    count();
  }

  function inTime(id: string): void {
    late.delete(id);
    count();
  }

  const count = () => view.set({ waiting: late.size });

  const ofSession = (sessionId: string) =>
    [...own.values()].filter((kept) => kept.sessionId === sessionId);

  function close(sessionId: string): void {
    open.get(sessionId)?.();
    open.delete(sessionId);
  }

  function drain(): Promise<void> {
    // The one under way may have looked before the newest row was there.
    drainingNext ??= draining.then(() => {
      drainingNext = undefined;
      draining = locks
        .alone(`progress-outbox ${accountId}`, handIn)
        .finally(() => view.set({ isDraining: false }));
      return draining;
    });
    return drainingNext;
  }

  async function handIn(): Promise<void> {
    cancelTimer();
    const rows = await orphans();
    const waitSeconds = (notBeforeMs - clock.steadyMs()) / 1000;
    if (waitSeconds > 0) tryAgain(waitSeconds);
    else if (view.state.isOnline) {
      while (rows.length > 0 && (await send(rows.slice(0, MAX_EVENTS)))) rows.splice(0, MAX_EVENTS);
    }
    // What comes behind a failed batch is late too, so that it counts as waiting.
    markLate(rows);
  }

  /** By id, oldest first. */
  async function allRows(): Promise<Map<string, Kept>> {
    const rows = [...(await store.all(accountId)), ...own.values()].sort(oldestFirst);
    return new Map(rows.map((kept) => [kept.id, kept]));
  }

  /** Rows of sessions that are over, wherever they were. */
  async function orphans(): Promise<Kept[]> {
    const alive = await locks.held();
    const rows = await allRows();
    for (const id of late) if (!rows.has(id)) inTime(id);
    return [...rows.values()].filter((kept) => {
      if (kept.isStored || (kept.rejectedSinceMs && clock.steadyMs() < retryRejectedAtMs))
        return false;
      if (kept.id !== kept.sessionId || late.has(kept.id)) return true;
      // Where nobody can tell which tabs live, handing in what still grows does no harm.
      return own.has(kept.id) ? !open.has(kept.id) : !alive?.has(kept.id);
    });
  }

  /** @returns whether to go on with the next ones */
  async function send(rows: Kept[], keepalive = false): Promise<boolean> {
    view.set({ isDraining: true });
    const events = rows.map(({ id, videoId, report }) => ({
      event_id: id,
      video_id: videoId,
      ...report,
      observed_at: corrected(Date.parse(report.observed_at)),
    }));
    const body = { sent_at: corrected(clock.wallMs()), events };
    const answer = await call("/api/progress/events", body, keepalive);
    if (answer.status !== "ok") {
      markLate(rows);
      await failed(answer);
      return false;
    }
    failures = 0;
    rows.forEach((kept, index) => {
      const result = answer.body.results[index];
      if (result.status === "rejected") rejected(kept, result);
      else stored(kept);
    });
    return true;
  }

  /** By the same measurement as live reports; unmeasured, the service corrects all by `sent_at`. */
  const corrected = (wallMs: number) => isoOf(toServiceMs(wallMs) || wallMs);

  function rejected(kept: Kept, { code, detail, retry }: Rejection): void {
    const { videoId, report, rejectedSinceMs = clock.wallMs() } = kept;
    const stays = retry && clock.wallMs() - rejectedSinceMs < RETRY_REJECTED_MS;
    retryRejectedAtMs = clock.steadyMs() + DAY_MS;
    if (remove(kept) && stays) put({ ...kept, rejectedSinceMs });
    options.onRejected?.({ videoId, report, code, detail, retry: stays });
  }

  async function failed(failure: Failure): Promise<void> {
    let waitSeconds = backoffSeconds(failures, random);
    failures += 1;
    if (failure.status === "later" && failure.retryAfterSeconds) {
      waitSeconds = failure.retryAfterSeconds;
      notBeforeMs = clock.steadyMs() + waitSeconds * 1000;
    }
    if (failure.status === "unauthenticated" && (await options.onUnauthenticated?.())) {
      // A fresh token that is refused again will hardly be better at once.
      if (failures < 2) waitSeconds = 0;
    }
    tryAgain(waitSeconds);
  }

  function tryAgain(afterSeconds: number): void {
    cancelTimer();
    if (stopWatching || open.size) cancelTimer = clock.after(afterSeconds, drain);
  }

  return Object.assign(view, {
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
    delayed(sessionId: string, failure?: Failure) {
      markLate(ofSession(sessionId));
      if (failure?.status === "later") void failed(failure);
    },
    leave(sessionId: string, hasNews: boolean) {
      close(sessionId);
      if (hasNews) void send(ofSession(sessionId), true);
    },
    release(sessionId: string) {
      close(sessionId);
      return drain();
    },
    drain,
    async newest(withStored = false) {
      const rows = [...(await allRows()).values()];
      const places = rows.filter((kept) => isPlace(kept) && (withStored || !kept.isStored));
      return new Map(places.map(({ videoId, report }) => [videoId, report]));
    },
  });
}

/** Says where the learner is, as the service sees it. */
const isPlace = ({ id, sessionId, isStored, report }: Kept) =>
  (id === sessionId || isStored) &&
  (report.watch_time >= RESTART_BELOW_SECONDS || report.kind === "restart");

/** Having been further on may complete a video; a step back in its place must not lose that. */
const isLost = (held: Report, next: Report) =>
  held.kind !== "seek" && held.watch_time > next.watch_time;

const oldestFirst = (one: Kept, other: Kept) =>
  one.report.observed_at.localeCompare(other.report.observed_at);
