/** The way to the service for one account on one device: everything a page needs, put together. */
import { type Call, caller, type Refusal } from "./calls";
import { browserClock, type Clock } from "./clock";
import type { ResumeAnswer } from "./frames";
import { browserLocks, type Locks } from "./locks";
import { browserNetwork, type Network } from "./network";
import { type Outbox, openOutbox, type Rejection } from "./outbox";
import { indexedDbStore, type ReportStore } from "./store";
import { claimsOf } from "./token";
import { type Transport, transportOver } from "./transport";

export interface LinkOptions {
  /** The token's `sub`. Nothing kept under it is ever sent with somebody else's token. */
  accountId: string;
  /** Names this browser; it must stay the same between visits. */
  deviceId: string;
  /** Where the service lives; empty for the page's own origin. */
  baseUrl?: string;
  /** Asked at every call, so that a renewed token is used at once. */
  token: () => string | null;
  /** The token is not accepted, or ends soon. Resolve to true when a fresh one is in place. */
  onUnauthenticated?: () => Promise<boolean>;
  /** A kept report will never be taken; it is gone. */
  onRejected?: (rejection: Rejection) => void;
  clock?: Clock;
  network?: Network;
  store?: ReportStore;
  locks?: Locks;
  random?: () => number;
}

/**
 * Where to go on; `device` says that the service is out of reach and this browser's copy is used,
 * which knows the place alone: `next` null does not mean then that nothing is left.
 */
export type ResumePlace = ResumeAnswer & { source: "service" | "device" };

/** Hand it to `trackProgress` as it is: `trackProgress(video, { ...link, videoId })`. */
export interface Link {
  deviceId: string;
  baseUrl?: string;
  /** Null unless it is the account's own. */
  token: () => string | null;
  onUnauthenticated?: () => Promise<boolean>;
  call: Call;
  network: Network;
  clock: Clock;
  random?: () => number;
  transport: Transport;
  outbox: Outbox;
  /**
   * Where to go on in a video, once what a closed page left behind is handed in.
   *
   * @throws ResumeProblem: the service refuses, or is out of reach and nothing is known here
   */
  resume: (videoId: string, options?: { skipIntro?: boolean }) => Promise<ResumePlace>;
}

/** `httpStatus` 0: no answer at all. */
export class ResumeProblem extends Error implements Refusal {
  constructor(
    readonly httpStatus: number,
    readonly code: string,
    readonly detail: string,
  ) {
    super(detail);
  }
}

/** So long a slow outbox may hold back the start of a video. */
const DRAIN_SECONDS = 3;

/** The service takes so much for ordinary; a clock further off would lose to every other device. */
const DRIFT_MS = 5_000;

export function openLink(options: LinkOptions): Link {
  const { accountId, deviceId, baseUrl, onUnauthenticated, onRejected, random } = options;
  const { clock = browserClock, network = browserNetwork } = options;
  const token = () => {
    const bearer = options.token();
    const owner = bearer ? (claimsOf(bearer).sub ?? accountId) : null;
    return owner === accountId ? bearer : null;
  };
  let aheadMs = 0;
  const fetch: Network["fetch"] = async (address, request) => {
    const response = await network.fetch(address, request);
    const offMs = Date.parse(response.headers.get("Date") ?? "") - clock.wallMs();
    aheadMs = Math.abs(offMs) > DRIFT_MS ? offMs : 0;
    return response;
  };
  const call = caller({ baseUrl, token, fetch });
  const wire = { baseUrl, token, onUnauthenticated, call, network, clock, random };
  const { store = indexedDbStore(), locks = browserLocks() } = options;
  const outbox = openOutbox({ ...wire, accountId, store, locks, onRejected });

  const resume: Link["resume"] = async (videoId, { skipIntro = true } = {}) => {
    await Promise.race([outbox.drain(), new Promise<void>((go) => clock.after(DRAIN_SECONDS, go))]);
    const path = `/api/progress/video/${encodeURIComponent(videoId)}/resume`;
    const answer = await call(`${path}?skip_intro=${skipIntro}`);
    if (answer.status === "ok") return { ...answer.body, source: "service" };
    if (answer.status === "refused") {
      const { httpStatus, code, detail } = answer.refusal;
      throw new ResumeProblem(httpStatus, code, detail);
    }
    if (answer.status === "unauthenticated") throw new ResumeProblem(401, answer.status, "");
    const held = (await outbox.newest()).get(videoId);
    if (!held) throw new ResumeProblem(0, "unreachable", "");
    return placeOf(held.watch_time);
  };

  return { ...wire, deviceId, transport: transportOver(call, () => aheadMs), outbox, resume };
}

/** The exact place and nothing else: all that can be said without the service. */
function placeOf(watch_time: number): ResumePlace {
  return {
    resume_at: watch_time,
    reason: "resume",
    rewind_seconds: 0,
    watch_time,
    chapter: null,
    skip: { intro: null, outro: null },
    alternatives: [],
    next: null,
    source: "device",
  };
}
