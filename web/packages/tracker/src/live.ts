/** Other devices, now: one socket that comes back by itself, or plain HTTP where sockets fail. */
import { backoffSeconds } from "./backoff";
import type { Call } from "./calls";
import type { Cancel, Clock } from "./clock";
import type { LiveFrame, ProgressFrame } from "./frames";
import type { Network } from "./network";
import { type Followed, observable } from "./observable";
import { openSocket, type Socket } from "./socket";
import { changedSince, isLater, type LiveState, NOTHING, withFrame } from "./states";
import { claimsOf } from "./token";

export type { Connection, LiveState } from "./states";

export interface Live extends Followed<LiveState> {
  start: () => void;
  stop: () => void;
  /** Hear of every frame as it comes. Returns the way to stop. */
  onFrame: (listener: (frame: LiveFrame) => void) => () => void;
}

/** What a link has. */
export interface LiveOptions {
  baseUrl?: string;
  deviceId: string;
  token: () => string | null;
  onUnauthenticated?: () => Promise<boolean>;
  call: Call;
  network: Network;
  clock: Clock;
  random?: () => number;
}

interface Ready {
  type: "ready";
  heartbeat_seconds: number;
}

/** The first frame takes no longer than this. */
const READY_SECONDS = 10;
/** So long before its end a token is renewed. */
const RENEW_BEFORE_SECONDS = 30;
/** After so many sockets in a row that never got ready, plain HTTP helps out. */
const FAILURES_BEFORE_POLLING = 3;
const LONGEST_WAIT_SECONDS = 30;
/** Browsers count timers in 32 bits of milliseconds. */
const LONGEST_TIMER_SECONDS = 2_000_000;

const [BAD_FRAME, UNAUTHENTICATED, FORBIDDEN, TOO_MANY] = [4400, 4401, 4403, 4429];

export function openLive(options: LiveOptions): Live {
  const { baseUrl = "", deviceId, token, onUnauthenticated, call, network, clock } = options;
  const view = observable<LiveState>({ connection: "stopped", ...NOTHING });
  const listeners = new Set<(frame: LiveFrame) => void>();
  let socket: Socket | null = null;
  /** Up to where the states are known; it goes on from there after an interruption. */
  let cursor: string | null = null;
  let failures = 0;
  let heartbeatSeconds = 0;
  let stopWatching: (() => void) | null = null;
  let cancelTimer: Cancel = () => {};
  let cancelRenewal: Cancel = () => {};

  async function connect(): Promise<void> {
    drop();
    if (!network.isOnline()) {
      view.set({ connection: "offline" });
      return;
    }
    const bearer = token();
    if (!bearer) return renewAndConnect();
    if (view.state.connection !== "polling") view.set({ connection: "connecting" });
    const isHopeless = failures >= FAILURES_BEFORE_POLLING;
    if (!cursor || isHopeless) {
      const isPolled = await poll();
      if (!stopWatching || socket) return;
      if (isHopeless) view.set({ connection: isPolled ? "polling" : "offline" });
    }
    const opened = (network.socket ?? openSocket)(baseUrl, "/progress");
    socket = opened;
    opened.onopen = () => authenticate(bearer);
    opened.onmessage = ({ data }) => hear(JSON.parse(String(data)));
    opened.onclose = ({ code }) => closed(code);
    expectWord(READY_SECONDS);
  }

  function authenticate(bearer: string): void {
    const frame = { type: "auth", token: bearer, device_id: deviceId, since: cursor };
    socket?.send(JSON.stringify(frame));
    const { exp = Number.POSITIVE_INFINITY } = claimsOf(bearer);
    const leftSeconds = exp - clock.wallMs() / 1000 - RENEW_BEFORE_SECONDS;
    cancelRenewal();
    cancelRenewal = clock.after(Math.min(leftSeconds, LONGEST_TIMER_SECONDS), async () => {
      if (token() === bearer) await onUnauthenticated?.();
      const fresh = token();
      // With the old token the socket lives on until the service ends it.
      if (fresh && fresh !== bearer) authenticate(fresh);
    });
  }

  /** Silence for this long means that nobody is there any more. */
  function expectWord(withinSeconds: number): void {
    cancelTimer();
    cancelTimer = clock.after(withinSeconds, () => closed(0));
  }

  function hear(frame: LiveFrame | Ready | { type: "heartbeat" }): void {
    if (frame.type === "ready") {
      heartbeatSeconds = frame.heartbeat_seconds;
      failures = 0;
      view.set({ connection: "live" });
    } else if (frame.type !== "heartbeat") {
      take(frame);
    }
    expectWord(2 * heartbeatSeconds);
  }

  function take(frame: LiveFrame): void {
    if (frame.type === "progress") cursor = frame.cursor;
    if (frame.type === "resync") {
      cursor = null;
      void poll();
    }
    view.set(withFrame(view.state, frame));
    for (const listener of listeners) listener(frame);
  }

  /** @param code why the socket closed; 0 when we gave up on it */
  function closed(code: number): void {
    drop();
    if (code === UNAUTHENTICATED) {
      void renewAndConnect();
      return;
    }
    // The cursor is the one thing in our frame that a newer service may no longer read.
    if (code === FORBIDDEN || (code === BAD_FRAME && !cursor)) {
      stop();
      return;
    }
    if (code === BAD_FRAME) cursor = null;
    connectLater(code === TOO_MANY ? LONGEST_WAIT_SECONDS : 0);
    if (view.state.connection === "live") view.set({ connection: "connecting" });
  }

  async function renewAndConnect(): Promise<void> {
    if (!(await onUnauthenticated?.())) stop();
    else if (stopWatching) connectLater(0);
  }

  function connectLater(atLeastSeconds: number): void {
    const backoff = backoffSeconds(failures, options.random, 1, LONGEST_WAIT_SECONDS);
    const waitSeconds = Math.max(backoff, atLeastSeconds);
    failures += 1;
    cancelTimer();
    cancelTimer = clock.after(waitSeconds, connect);
  }

  /** Ask for the states over plain HTTP; all of them without a cursor. */
  async function poll(): Promise<boolean> {
    const since = cursor;
    const before = view.state.progress;
    const query = since ? `?since=${encodeURIComponent(since)}` : "";
    const answer = await call(`/api/progress/changes${query}`);
    if (answer.status === "refused") cursor = null;
    if (answer.status !== "ok") return false;
    const heard = changedSince(before, view.state.progress);
    if (!since) view.set({ progress: heard });
    for (const frame of answer.body.changes as ProgressFrame[]) {
      // The socket went on meanwhile, and may have told a newer state than the answer.
      if (!isLater(heard[frame.videoId], frame)) take(frame);
    }
    cursor = answer.body.cursor;
    return true;
  }

  function networkChanged(): void {
    if (network.isOnline() && socket) return;
    failures = 0;
    void connect();
  }

  function drop(): void {
    cancelTimer();
    cancelRenewal();
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    socket = null;
  }

  function stop(): void {
    stopWatching?.();
    stopWatching = null;
    drop();
    view.set({ connection: "stopped" });
  }

  return {
    get state() {
      return view.state;
    },
    subscribe: view.subscribe,
    onFrame(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start() {
      if (stopWatching) return;
      stopWatching = network.watch(networkChanged);
      void connect();
    },
    stop,
  };
}
