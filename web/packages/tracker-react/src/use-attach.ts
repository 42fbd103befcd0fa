/** Resumes a video, reports what is played and follows the player. */
import type { ResumePlace, TrackerView } from "progress-service-tracker";
import { type Attachment, type AttachOptions, attach } from "progress-service-tracker/attach";
import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { EMPTY_VIEW, elementOf, type Media } from "./media";
import { useTrackerClient } from "./provider";

export interface AttachView extends TrackerView {
  /** Where the video resumes, from the service or this browser's copy; null until known. */
  place: ResumePlace | null;
  /** Bring the player to a place the learner chose, for example another device's. */
  seekTo: (positionSeconds: number) => void;
}

/**
 * Resume where the learner left, and report what `media` plays. Render the player at once: it does
 * not wait for the service.
 *
 * @param media a ref that holds the element, or the element itself (null while there is none)
 */
export function useAttach(media: Media, options: AttachOptions): AttachView {
  const client = useTrackerClient();
  const { videoId, skipIntro } = options;
  const latest = useRef(options);
  useLayoutEffect(() => {
    latest.current = options;
  });
  const [attachment, setAttachment] = useState<Attachment | null>(null);
  const [place, setPlace] = useState<ResumePlace | null>(null);

  useEffect(() => {
    const element = elementOf(media);
    if (!element) return;
    const attachment = attach(element, client, {
      videoId,
      skipIntro,
      expectedDurationSeconds: latest.current.expectedDurationSeconds,
      onStored: (report) => latest.current.onStored?.(report),
      onRejected: (problem) => latest.current.onRejected?.(problem),
    });
    let isCurrent = true;
    void attachment.place.then((found) => isCurrent && setPlace(found));
    setAttachment(attachment);
    return () => {
      isCurrent = false;
      setPlace(null);
      void attachment.detach();
    };
  }, [media, client, videoId, skipIntro]);

  const subscribe = useCallback(
    (listener: () => void) => attachment?.subscribe(listener) ?? (() => {}),
    [attachment],
  );
  const snapshot = () => attachment?.view ?? EMPTY_VIEW;
  const view = useSyncExternalStore(subscribe, snapshot, snapshot);
  const seekTo = useCallback((seconds: number) => attachment?.seekTo(seconds), [attachment]);
  return { ...view, place, seekTo };
}
