/** One call for a page with a player: resumes the video and reports what is played. */
import type { ResumePlace, TrackerClient } from "./client";
import { createSampler, type Sampler, type Signal } from "./sampler";
import { createTracker, type Tracker, type TrackerOptions } from "./tracker";

export interface AttachOptions
  extends Pick<TrackerOptions, "videoId" | "expectedDurationSeconds" | "onStored" | "onRejected"> {
  /** Begin after the intro; true unless set. */
  skipIntro?: boolean;
}

export interface Attachment
  extends Pick<Tracker, "view" | "subscribe" | "reportNow" | "seekTo" | "detach"> {
  /** From the service, or else this browser's own copy; null when there is neither. */
  place: Promise<ResumePlace | null>;
}

/** After this long without a response, this browser's own copy is used. */
const PREFER_SERVICE_SECONDS = 1;
/** A later response moves a playing video only when it is further from the copy than this. */
const SAME_PLACE_SECONDS = 10;
/** Players go to the start by themselves; a seek beyond is the learner's. */
const START_SECONDS = 3;

/**
 * Attach to a player, best before its media loads.
 *
 * The media plays whether or not the service responds. Nothing is reported until the place is known,
 * because a report from the start would replace it. A learner who seeks meanwhile is not moved.
 */
export function attach(
  media: HTMLMediaElement,
  client: TrackerClient,
  { skipIntro, ...options }: AttachOptions,
): Attachment {
  const sampler = createSampler(media);
  /** Where the tracker was sent; null while no place is known. */
  let startSeconds: number | null = null;
  let hasSought = false;
  let isDetached = false;

  function noteSeek(signal: Signal): void {
    const isBeyondStart = (sampler.sample()?.positionSeconds ?? 0) >= START_SECONDS;
    if (signal === "seeking" && startSeconds === null && isBeyondStart) hasSought = true;
  }

  const gated: Sampler = {
    ...sampler,
    sample: () => (startSeconds === null ? null : sampler.sample()),
    watch: (onSignal) =>
      sampler.watch((signal) => {
        noteSeek(signal);
        onSignal(signal);
      }),
  };
  const tracker = createTracker(gated, { ...client, ...options });

  function startAt(positionSeconds: number): void {
    if (isDetached) return;
    startSeconds = positionSeconds;
    const sought = hasSought && sampler.sample();
    tracker.seekTo(sought ? 0 : positionSeconds);
    // The gate held back the learner's own seek; repeat it.
    if (sought) tracker.seekTo(sought.positionSeconds);
  }

  async function startAtCopy(): Promise<void> {
    const copy = (await client.outbox.pendingReports(true)).get(options.videoId);
    if (copy && startSeconds === null) startAt(copy.watch_time);
  }

  function startAtResponse(found: ResumePlace | null): void {
    cancelCopy();
    if (startSeconds === null) startAt(found?.resume_at ?? 0);
    else if (found && !hasSought && Math.abs(found.watch_time - startSeconds) > SAME_PLACE_SECONDS)
      startAt(found.resume_at);
  }

  const cancelCopy = client.clock.after(PREFER_SERVICE_SECONDS, startAtCopy);
  const place = client.resume(options.videoId, { skipIntro }).catch(() => null);
  void place.then(startAtResponse);

  return {
    place,
    get view() {
      return tracker.view;
    },
    subscribe: (listener) => tracker.subscribe(listener),
    reportNow: (kind) => tracker.reportNow(kind),
    seekTo(positionSeconds) {
      hasSought = true;
      startSeconds = positionSeconds;
      tracker.seekTo(positionSeconds);
    },
    detach() {
      isDetached = true;
      cancelCopy();
      return tracker.detach();
    },
  };
}
