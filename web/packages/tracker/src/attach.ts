/** One call for a page with a player: asks where to go on, goes there, and reports what is played. */
import type { Link, ResumePlace } from "./link";
import { createSampler, type Sampler, type Signal } from "./sampler";
import { createTracker, type Tracker, type TrackerOptions } from "./tracker";

export interface AttachOptions
  extends Pick<TrackerOptions, "videoId" | "expectedDurationSeconds" | "onStored" | "onRefused"> {
  /** Begin after the intro; true unless set. */
  skipIntro?: boolean;
}

export interface Attachment
  extends Pick<Tracker, "view" | "subscribe" | "reportNow" | "seekTo" | "detach"> {
  /** The service's answer, or this browser's own copy; null when there is neither. */
  place: Promise<ResumePlace | null>;
}

/** A service that takes longer is not waited for when this browser has a copy of its own. */
const PREFER_SERVICE_SECONDS = 1;
/** A later answer moves a video that plays only if it names another place than the copy did. */
const SAME_PLACE_SECONDS = 10;
/** Players go to the start by themselves; a seek beyond is the learner's. */
const START_SECONDS = 3;

/**
 * Attach to a player, best before its media loads.
 *
 * The media plays whether or not the service answers. Nothing is reported until the place is known,
 * because a report from the start would replace it. A learner who seeks meanwhile is not moved.
 */
export function attach(
  media: HTMLMediaElement,
  link: Link,
  { skipIntro, ...options }: AttachOptions,
): Attachment {
  const sampler = createSampler(media);
  /** Where the tracker was sent; null while nothing is known. */
  let startSeconds: number | null = null;
  let hasSought = false;
  let isDetached = false;

  function note(signal: Signal): void {
    const isBeyondStart = (sampler.sample()?.positionSeconds ?? 0) >= START_SECONDS;
    if (signal === "seeking" && startSeconds === null && isBeyondStart) hasSought = true;
  }

  const gated: Sampler = {
    ...sampler,
    sample: () => (startSeconds === null ? null : sampler.sample()),
    watch: (onSignal) =>
      sampler.watch((signal) => {
        note(signal);
        onSignal(signal);
      }),
  };
  const tracker = createTracker(gated, { ...link, ...options });

  function startAt(positionSeconds: number): void {
    if (isDetached) return;
    startSeconds = positionSeconds;
    const sought = hasSought && sampler.sample();
    tracker.seekTo(sought ? 0 : positionSeconds);
    // The learner's own seek came before anybody listened.
    if (sought) tracker.seekTo(sought.positionSeconds);
  }

  async function startAtCopy(): Promise<void> {
    const held = (await link.outbox.newest(true)).get(options.videoId);
    if (held && startSeconds === null) startAt(held.watch_time);
  }

  function startAtAnswer(found: ResumePlace | null): void {
    cancelCopy();
    if (startSeconds === null) startAt(found?.resume_at ?? 0);
    else if (found && !hasSought && Math.abs(found.watch_time - startSeconds) > SAME_PLACE_SECONDS)
      startAt(found.resume_at);
  }

  const cancelCopy = link.clock.after(PREFER_SERVICE_SECONDS, startAtCopy);
  const place = link.resume(options.videoId, { skipIntro }).catch(() => null);
  void place.then(startAtAnswer);

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
