/** The tracker's connection to the service, for one account on one device. */
import { browserClock, type Clock } from "./clock";
import { createClockOffset } from "./clock-offset";
import type { ResumeResponse } from "./frames";
import { createRequest, type Problem, type SendRequest } from "./http";
import { browserLocks, type Locks } from "./locks";
import { browserNetwork, type Network } from "./network";
import { type Outbox, openOutbox, type Rejection } from "./outbox";
import { indexedDbStore, type ReportStore } from "./store";
import { claimsOf } from "./token";
import { createTransport, type Transport } from "./transport";

export interface TrackerClientOptions {
  /** The token's `sub`. What is stored under it is never sent with another account's token. */
  accountId: string;
  /** Names this browser; it must stay the same between visits. */
  deviceId: string;
  /** The address of the service; empty for the page's own origin. */
  baseUrl?: string;
  /** Called for every request, so that a renewed token is used at once. */
  token: () => string | null;
  /** The token is not accepted, or ends soon. Resolve to true when a fresh one is in place. */
  onUnauthenticated?: () => Promise<boolean>;
  /** The service rejects a stored report. */
  onRejected?: (rejection: Rejection) => void;
  clock?: Clock;
  network?: Network;
  store?: ReportStore;
  locks?: Locks;
  random?: () => number;
}

/**
 * Where to resume. With `source` "device" the service could not be reached, or this browser has a
 * newer place. Only the place is known then: `next` null does not mean that nothing is left.
 */
export type ResumePlace = ResumeResponse & { source: "service" | "device" };

/** Also the options of a tracker: `trackProgress(video, { ...client, videoId })`. */
export interface TrackerClient {
  deviceId: string;
  baseUrl?: string;
  /** Null unless it is the account's own. */
  token: () => string | null;
  onUnauthenticated?: () => Promise<boolean>;
  request: SendRequest;
  network: Network;
  clock: Clock;
  random?: () => number;
  transport: Transport;
  outbox: Outbox;
  /**
   * Where to resume a video, after the reports of closed pages were sent. When the service cannot be
   * reached, the result is this browser's own place, or the start.
   *
   * @throws ResumeProblem: the service rejects the request
   */
  resume: (videoId: string, options?: { skipIntro?: boolean }) => Promise<ResumePlace>;
}

/** The service does not say where to resume. */
export class ResumeProblem extends Error implements Problem {
  declare readonly httpStatus: number;
  declare readonly code: string;
  declare readonly detail: string;

  constructor(problem: Problem) {
    super(problem.detail);
    Object.assign(this, problem);
  }
}

/** The longest that a slow outbox delays the request. */
const DRAIN_SECONDS = 3;
/** The longest wait for the service when this browser has a place: another device's may be newer. */
const RESPONSE_SECONDS = 8;
/** The service and this device correct a wrong clock by different measurements. */
const SAME_TIME_MS = 1_000;

export function createTrackerClient(options: TrackerClientOptions): TrackerClient {
  const { deviceId, baseUrl, onUnauthenticated, random } = options;
  const { clock = browserClock, network = browserNetwork } = options;
  const token = () => {
    const bearer = options.token();
    const claims = claimsOf(bearer);
    // Some services read the user id from another claim.
    const isOwn =
      typeof claims.sub !== "string" ||
      JSON.stringify(claims).includes(JSON.stringify(options.accountId));
    return isOwn ? bearer : null;
  };
  const offset = createClockOffset(clock);
  const fetch: Network["fetch"] = async (address, init) => {
    const sentAtMs = clock.wallMs();
    const response = await network.fetch(address, init);
    offset.observe(sentAtMs, response.headers.get("Date"));
    return response;
  };
  const request = createRequest({ baseUrl, token, fetch });
  const wire = { baseUrl, token, onUnauthenticated, request, network, clock, random };
  const { store = indexedDbStore(), locks = browserLocks() } = options;
  const { toServiceMs } = offset;
  const outbox = openOutbox({ ...options, ...wire, store, locks, toServiceMs });
  const reportOf = async (videoId: string, withStored?: boolean) =>
    (await outbox.pendingReports(withStored)).get(videoId);
  const within = <T>(seconds: number, result: Promise<T>) =>
    Promise.race([result, new Promise<void>((giveUp) => clock.after(seconds, giveUp))]);

  const resume: TrackerClient["resume"] = async (videoId, { skipIntro = true } = {}) => {
    const path = `/api/progress/video/${encodeURIComponent(videoId)}/`;
    // Read before the request: a player that is open already may play on meanwhile.
    const pending = await reportOf(videoId);
    const known = await reportOf(videoId, true);
    const fetchPlace = async () => {
      await within(DRAIN_SECONDS, outbox.drain());
      // The service corrects a wrong clock better: it has more reports to compare.
      const unsent = (await reportOf(videoId)) && pending;
      const [place, status] = await Promise.all([
        request(`${path}resume?skip_intro=${skipIntro}`),
        unsent && request(`${path}status`),
      ]);
      // A report that could not be sent may be newer than what the service has.
      if (unsent && status?.status === "ok") {
        const rawMs = Date.parse(unsent.observed_at);
        const unsentMs = toServiceMs(rawMs) || rawMs;
        if (unsentMs - Date.parse(status.body.last_watched ?? 0) > SAME_TIME_MS) return;
      }
      return place;
    };
    const place = await (known ? within(RESPONSE_SECONDS, fetchPlace()) : fetchPlace());
    if (place?.status === "ok") return { ...place.body, source: "service" };
    if (!place || place.status === "retry") return deviceResume(known?.watch_time);
    throw new ResumeProblem(place.problem ?? { httpStatus: 401, code: place.status, detail: "" });
  };

  return { ...wire, deviceId, transport: createTransport(request, toServiceMs), outbox, resume };
}

/** The exact place: without the service nothing else is known. */
function deviceResume(watch_time = 0): ResumePlace {
  return {
    resume_at: watch_time,
    reason: watch_time ? "resume" : "start",
    rewind_seconds: 0,
    watch_time,
    chapter: null,
    skip: { intro: null, outro: null },
    alternatives: [],
    next: null,
    source: "device",
  };
}
