/** The only file that touches the DOM: a media element and its page, as samples and signals. */

/** The state of the element at one moment. */
export interface Sample {
  positionSeconds: number;
  /** 0 while unknown: streams and recordings have no length before they end. */
  durationSeconds: number;
  rate: number;
  isPlaying: boolean;
  isSeeking: boolean;
}

/** As the DOM names its events. After the first three a seek may work that did not before. */
export type Signal = (typeof EVENTS)[number] | "hidden" | "pagehide";

export interface Sampler {
  /** Null while no media is loaded. */
  sample(): Sample | null;
  seek(positionSeconds: number): void;
  /** Call `onSignal` at every event, until the returned function is called. */
  watch(onSignal: (signal: Signal) => void): () => void;
}

const EVENTS = [
  // iOS ignores a seek before `playing`; some media report their length late, or twice.
  "loadedmetadata",
  "durationchange",
  "playing",
  "play",
  "timeupdate",
  "pause",
  "seeking",
  "seeked",
  "ended",
  "emptied",
  "error",
] as const;

/** `MediaError.MEDIA_ERR_NETWORK`. */
const NETWORK_ERROR = 2;

/** When the player replaces `element` in its box, the sampler follows the new element. */
export function createSampler(element: HTMLMediaElement): Sampler {
  return {
    sample() {
      const { duration } = element;
      if (!element.readyState && !(duration > 0)) return null;
      return {
        positionSeconds: element.currentTime,
        durationSeconds: duration < Number.POSITIVE_INFINITY ? duration : 0,
        rate: element.playbackRate,
        isPlaying: !element.paused && !element.ended,
        isSeeking: element.seeking,
      };
    },
    seek(positionSeconds) {
      element.currentTime = positionSeconds;
    },
    watch(onSignal) {
      let stop = listen(element, onSignal);
      const stopFollowing = onReplaced(element, (next) => {
        stop();
        element = next;
        stop = listen(element, onSignal);
        onSignal("emptied");
        onSignal("loadedmetadata");
      });
      return () => {
        stop();
        stopFollowing();
      };
    },
  };
}

function listen(element: HTMLMediaElement, onSignal: (signal: Signal) => void): () => void {
  const stop = new AbortController();
  const page = element.ownerDocument;
  for (const event of EVENTS) {
    element.addEventListener(
      event,
      () => {
        // Browsers announce a pause just before the end, which is reported instead.
        if (event === "pause" && element.ended) return;
        // A seek that waits for a lost network is still wanted.
        if (event === "error" && element.error?.code === NETWORK_ERROR) return;
        onSignal(event);
      },
      stop,
    );
  }
  page.addEventListener(
    "visibilitychange",
    () => page.visibilityState === "hidden" && onSignal("hidden"),
    stop,
  );
  page.defaultView?.addEventListener("pagehide", () => onSignal("pagehide"), stop);
  return () => stop.abort();
}

/** Plyr, for example, creates a new element for each source. */
function onReplaced(
  element: HTMLMediaElement,
  onNext: (next: HTMLMediaElement) => void,
): () => void {
  let boxes: Element[] = [];
  const look = () => {
    if (element.isConnected) {
      boxes = [];
      for (let box = element.parentElement; box; box = box.parentElement) boxes.push(box);
      return;
    }
    const box = boxes.find((one) => one.isConnected);
    const found = box?.querySelectorAll<HTMLMediaElement>("video,audio") ?? [];
    // With several, it is unknown which of them replaces it.
    if (found.length !== 1 || !found[0]) return;
    element = found[0];
    look();
    onNext(element);
  };
  const observer = new MutationObserver(look);
  observer.observe(element.getRootNode(), { childList: true, subtree: true });
  look();
  return () => observer.disconnect();
}
