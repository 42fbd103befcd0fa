/** The way to the service for one account on one device: everything a page needs, put together. */
import { type Call, caller, type Refusal } from "./calls";
import { browserClock, type Clock } from "./clock";
import { createClockOffset } from "./clock-offset";
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
   * Where to go on in a video, once what a closed page left behind is handed in. A service that is
   * out of reach holds no video back: this browser's own place counts then, or the start.
   *
   * @throws ResumeProblem: the service refuses
   */
  resume: (videoId: string, options?: { skipIntro?: boolean }) => Promise<ResumePlace>;
}

/** The service does not say where to go on. */
export class ResumeProblem extends Error implements Refusal {
  declare readonly httpStatus: number;
  declare readonly code: string;
  declare readonly detail: string;

  constructor(refusal: Refusal) {
    super(refusal.detail);
    Object.assign(this, refusal);
  }
}

/** So long a slow outbox may hold back the question where to go on. */
const DRAIN_SECONDS = 3;
/** So long a slow line may hold back what is known here: another device may know better. */
const ANSWER_SECONDS = 8;
/** The service and this device correct a wrong clock by different measurements. */
const SAME_MOMENT_MS = 1_000;
export function openLink(options: LinkOptions): Link {
  const { accountId, deviceId, baseUrl, onUnauthenticated, onRejected, random } = options;
  const { clock = browserClock, network = browserNetwork } = options;
  const token = () => {
    const bearer = options.token();
    const claims = bearer ? claimsOf(bearer) : {};
    // Some services read the user id from another claim.
    const isOwn =
      typeof claims.sub !== "string" || JSON.stringify(claims).includes(JSON.stringify(accountId));
    return isOwn ? bearer : null;
  };
  const offset = createClockOffset(clock);
  const fetch: Network["fetch"] = async (address, request) => {
    const sentAtMs = clock.wallMs();
    const response = await network.fetch(address, request);
    offset.observe(sentAtMs, response.headers.get("Date"));
    return response;
  };
  const call = caller({ baseUrl, token, fetch });
  const wire = { baseUrl, token, onUnauthenticated, call, network, clock, random };
  const { store = indexedDbStore(), locks = browserLocks() } = options;
  const { toServiceMs } = offset;
  const outbox = openOutbox({ ...wire, accountId, store, locks, toServiceMs, onRejected });
  const within = <T>(seconds: number, result: Promise<T>) =>
    Promise.race([result, new Promise<void>((giveUp) => clock.after(seconds, giveUp))]);

  const resume: Link["resume"] = async (videoId, { skipIntro = true } = {}) => {
    const path = `/api/progress/video/${encodeURIComponent(videoId)}/`;
    // Only what was there before: a player that is open already may play on meanwhile.
    const pending = (await outbox.newest()).get(videoId);
    const known = (await outbox.newest(true)).get(videoId);
    const ask = async () => {
      await within(DRAIN_SECONDS, outbox.drain());
      // The service corrects a wrong clock: what it has received, it has compared better.
      const late = (await outbox.newest()).has(videoId) ? pending : undefined;
      const [answer, status] = await Promise.all([
        call(`${path}resume?skip_intro=${skipIntro}`),
        late && call(`${path}status`),
      ]);
      // What could not be handed in yet may be newer than what the service knows.
      if (late && status?.status === "ok") {
        const rawMs = Date.parse(late.observed_at);
        const lateMs = toServiceMs(rawMs) || rawMs;
        if (lateMs - Date.parse(status.body.last_watched ?? 0) > SAME_MOMENT_MS) return;
      }
      return answer;
    };
    const answer = await (known ? within(ANSWER_SECONDS, ask()) : ask());
    if (answer?.status === "ok") return { ...answer.body, source: "service" };
    if (!answer || answer.status === "later") return placeOf(known?.watch_time);
    throw new ResumeProblem(answer.refusal ?? { httpStatus: 401, code: answer.status, detail: "" });
  };

  return { ...wire, deviceId, transport: transportOver(call, toServiceMs), outbox, resume };
}

/** The exact place and nothing else: all that can be said without the service. */
function placeOf(watch_time = 0): ResumePlace {
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
