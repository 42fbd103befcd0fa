/** Live states of other devices: one socket that reconnects, or plain HTTP where sockets fail. */
import { backoffSeconds } from "./backoff";
import type { Cancel, Clock } from "./clock";
import type { HeartbeatFrame, LiveFrame, ProgressFrame, ReadyFrame } from "./frames";
import type { SendRequest } from "./http";
import type { Network } from "./network";
import type { Outbox } from "./outbox";
import { createStore, type ReadableStore } from "./readable-store";
import { openSocket, type Socket } from "./socket";
import { changedSince, EMPTY, isLater, type LiveState, reduceFrame } from "./states";
import { claimsOf } from "./token";

export type { Connection, LiveState } from "./states";

export interface Live extends ReadableStore<LiveState> {
  start: () => void;
  stop: () => void;
  /** Called with every frame. Returns the function that unsubscribes. */
  onFrame: (listener: (frame: LiveFrame) => void) => () => void;
}

/** Part of a `TrackerClient`. */
export interface LiveOptions {
  baseUrl?: string;
  deviceId: string;
  token: () => string | null;
  onUnauthenticated?: () => Promise<boolean>;
  request: SendRequest;
  network: Network;
  clock: Clock;
  random?: () => number;
  /** Cleared when the data of the learner is erased. */
  outbox?: Pick<Outbox, "clear" | "drain">;
}

/** The longest wait for the first frame. */
const READY_SECONDS = 10;
/** A token is renewed this long before it expires. */
const RENEW_BEFORE_SECONDS = 30;
/** After this many sockets in a row that never got ready, states come over plain HTTP. */
const FAILURES_BEFORE_POLLING = 3;
const LONGEST_WAIT_SECONDS = 30;
/** Browser timers have 32 bits, in milliseconds. */
const LONGEST_TIMER_SECONDS = 2_000_000;

const [BAD_FRAME, UNAUTHENTICATED, FORBIDDEN, TOO_MANY] = [4400, 4401, 4403, 4429];

export function openLive(options: LiveOptions): Live {
  const {
    baseUrl = "",
    deviceId,
    token,
    onUnauthenticated,
    request,
    network,
    clock,
    outbox,
  } = options;
  const view = createStore<LiveState>({ connection: "stopped", ...EMPTY });
  const listeners = new Set<(frame: LiveFrame) => void>();
  let socket: Socket | null = null;
  /** The states are known up to here; after an interruption they continue from here. */
  let cursor: string | null = null;
  let failures = 0;
  let heartbeatSeconds = 0;
  let stopWatching: (() => void) | null = null;
  let cancelTimer: Cancel = () => {};
  let cancelRenewal: Cancel = () => {};

  async function connect(): Promise<void> {
    disconnect();
    if (!network.isOnline()) {
      view.set({ connection: "offline" });
      return;
    }
    const bearer = token();
    if (!bearer) return renewAndConnect();
    if (view.state.connection !== "polling") view.set({ connection: "connecting" });
    const isFailing = failures >= FAILURES_BEFORE_POLLING;
    if (!cursor || isFailing) {
      const isPolled = await poll();
      if (!stopWatching || socket) return;
      if (isFailing) view.set({ connection: isPolled ? "polling" : "offline" });
    }
    const opened = (network.socket ?? openSocket)(baseUrl, "/progress");
    socket = opened;
    opened.onopen = () => authenticate(bearer);
    opened.onmessage = ({ data }) => receive(JSON.parse(String(data)));
    opened.onclose = ({ code }) => onClose(code);
    expectFrame(READY_SECONDS);
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
      // With the old token the socket stays open until the service closes it.
      if (fresh && fresh !== bearer) authenticate(fresh);
    });
  }

  /** Without a frame within this time, the connection is dead. */
  function expectFrame(withinSeconds: number): void {
    cancelTimer();
    cancelTimer = clock.after(withinSeconds, () => onClose(0));
  }

  function receive(frame: LiveFrame | ReadyFrame | HeartbeatFrame): void {
    if (frame.type === "ready") {
      heartbeatSeconds = frame.heartbeat_seconds;
      failures = 0;
      view.set({ connection: "live" });
    } else if (frame.type !== "heartbeat") {
      apply(frame);
    }
    expectFrame(2 * heartbeatSeconds);
  }

  function apply(frame: LiveFrame): void {
    if (frame.type === "progress") cursor = frame.cursor;
    if (frame.type === "resync") {
      cursor = null;
      void poll();
    }
    // Again after a drain, which may have stored copies meanwhile.
    if (frame.type === "cleared")
      void outbox
        ?.clear()
        .then(outbox.drain)
        .then(() => outbox.clear());
    view.set(reduceFrame(view.state, frame));
    for (const listener of listeners) listener(frame);
  }

  /** @param code why the socket closed; 0 when no frame came in time */
  function onClose(code: number): void {
    disconnect();
    if (code === UNAUTHENTICATED) {
      void renewAndConnect();
      return;
    }
    // The cursor is the only part of our frame that a newer service may not understand.
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

  /** Read the states over plain HTTP; without a cursor, all of them. */
  async function poll(): Promise<boolean> {
    const since = cursor;
    const before = view.state.progress;
    const query = since ? `?since=${encodeURIComponent(since)}` : "";
    const result = await request(`/api/progress/changes${query}`);
    if (result.status === "rejected") cursor = null;
    if (result.status !== "ok") return false;
    const received = changedSince(before, view.state.progress);
    if (!since) view.set({ progress: received });
    for (const frame of result.body.changes as ProgressFrame[]) {
      // The socket may have received a newer state meanwhile.
      if (!isLater(received[frame.videoId], frame)) apply(frame);
    }
    cursor = result.body.cursor;
    return true;
  }

  function onNetworkChange(): void {
    if (network.isOnline() && socket) return;
    failures = 0;
    void connect();
  }

  function disconnect(): void {
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
    disconnect();
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
      stopWatching = network.watch(onNetworkChange);
      void connect();
    },
    stop,
  };
}
