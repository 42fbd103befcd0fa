/** The one file that touches the DOM: a media element and its page, as samples and signals. */

/** What the element says at one moment. */
export interface Sample {
  positionSeconds: number;
  durationSeconds: number;
  rate: number;
  isPlaying: boolean;
  isSeeking: boolean;
}

/** `ready`: the length is known, or known anew. `time` means no more than "look again". */
export type Signal =
  | "ready"
  | "time"
  | "paused"
  | "seeking"
  | "seeked"
  | "ended"
  | "emptied"
  | "hidden"
  | "leaving";

export interface Sampler {
  /** The state now; null while there is no media of a known, finite length. */
  sample(): Sample | null;
  seek(positionSeconds: number): void;
  /** Call `onSignal` for everything that happens, until the returned function is called. */
  watch(onSignal: (signal: Signal) => void): () => void;
}

const MEDIA_SIGNALS: Record<string, Signal> = {
  loadedmetadata: "ready",
  // Some media tell their length later, some more than once.
  durationchange: "ready",
  play: "time",
  playing: "time",
  timeupdate: "time",
  ratechange: "time",
  pause: "paused",
  seeking: "seeking",
  seeked: "seeked",
  ended: "ended",
  emptied: "emptied",
};

export function createSampler(element: HTMLMediaElement): Sampler {
  return {
    sample: () => sampleOf(element),
    seek(positionSeconds) {
      element.currentTime = positionSeconds;
    },
    watch: (onSignal) => watch(element, onSignal),
  };
}

function sampleOf(element: HTMLMediaElement): Sample | null {
  if (!Number.isFinite(element.duration) || element.duration <= 0) return null;
  return {
    positionSeconds: element.currentTime,
    durationSeconds: element.duration,
    rate: element.playbackRate,
    isPlaying: !element.paused && !element.ended,
    isSeeking: element.seeking,
  };
}

function watch(element: HTMLMediaElement, onSignal: (signal: Signal) => void): () => void {
  const stop = new AbortController();
  const listening = { signal: stop.signal };
  const page = element.ownerDocument;
  for (const [event, signal] of Object.entries(MEDIA_SIGNALS)) {
    element.addEventListener(
      event,
      () => {
        // Browsers announce a pause just before the end: the end alone tells more.
        if (event !== "pause" || !element.ended) onSignal(signal);
      },
      listening,
    );
  }
  page.addEventListener(
    "visibilitychange",
    () => {
      if (page.visibilityState === "hidden") onSignal("hidden");
    },
    listening,
  );
  page.defaultView?.addEventListener("pagehide", () => onSignal("leaving"), listening);
  return () => stop.abort();
}
