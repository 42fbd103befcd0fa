/** The one file that touches the DOM: a media element and its page, as samples and signals. */

/** What the element says at one moment. */
export interface Sample {
  positionSeconds: number;
  /** 0 while unknown: streams and recordings have no length before their end. */
  durationSeconds: number;
  rate: number;
  isPlaying: boolean;
  isSeeking: boolean;
}

/** `ready`: a seek may work now, though it did not before. The others are called as the DOM does. */
export type Signal =
  | "ready"
  | "play"
  | "timeupdate"
  | "pause"
  | "seeking"
  | "seeked"
  | "ended"
  | "emptied"
  | "error"
  | "hidden"
  | "leaving";

export interface Sampler {
  /** The state now; null while no media is loaded. */
  sample(): Sample | null;
  seek(positionSeconds: number): void;
  /** Call `onSignal` for everything that happens, until the returned function is called. */
  watch(onSignal: (signal: Signal) => void): () => void;
}

/** iOS ignores a seek before the last of them; some media tell their length late, or twice. */
const READY_EVENTS = ["loadedmetadata", "durationchange", "playing"];
const EVENTS: Signal[] = [
  "play",
  "timeupdate",
  "pause",
  "seeking",
  "seeked",
  "ended",
  "emptied",
  "error",
];

/** `MediaError.MEDIA_ERR_NETWORK`. */
const NETWORK_ERROR = 2;

/** Follows the player: when it replaces `element` in its box, the new element counts. */
export function createSampler(element: HTMLMediaElement): Sampler {
  return {
    sample: () => sampleOf(element),
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
        onSignal("ready");
      });
      return () => {
        stop();
        stopFollowing();
      };
    },
  };
}

function sampleOf(element: HTMLMediaElement): Sample | null {
  const { duration } = element;
  if (!element.readyState && !(duration > 0)) return null;
  return {
    positionSeconds: element.currentTime,
    durationSeconds: duration < Number.POSITIVE_INFINITY ? duration : 0,
    rate: element.playbackRate,
    isPlaying: !element.paused && !element.ended,
    isSeeking: element.seeking,
  };
}

function listen(element: HTMLMediaElement, onSignal: (signal: Signal) => void): () => void {
  const stop = new AbortController();
  const page = element.ownerDocument;
  const listenTo = (event: string, signal: Signal) =>
    element.addEventListener(
      event,
      () => {
        // Browsers announce a pause just before the end: the end alone tells more.
        if (signal === "pause" && element.ended) return;
        // A seek that waits for a lost network is still wanted.
        if (signal === "error" && element.error?.code === NETWORK_ERROR) return;
        onSignal(signal);
      },
      stop,
    );
  for (const event of READY_EVENTS) listenTo(event, "ready");
  for (const event of EVENTS) listenTo(event, event);
  page.addEventListener(
    "visibilitychange",
    () => page.visibilityState === "hidden" && onSignal("hidden"),
    stop,
  );
  page.defaultView?.addEventListener("pagehide", () => onSignal("leaving"), stop);
  return () => stop.abort();
}

/** Plyr, for one, makes a new element for each new source. */
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
    // With several, nobody can say which of them it is.
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
