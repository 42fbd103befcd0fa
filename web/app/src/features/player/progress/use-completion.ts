/** Reports once that the service counts a video as completed, whichever device reported it. */
import type { VideoStatus, VideoStatusSummary } from "progress-service-api-client";
import type { Report } from "progress-service-tracker";
import { useLive, useLiveFrames, type WatchProgress } from "progress-service-tracker-react";
import { useEffect, useRef, useState } from "react";
import { useProgressCache } from "../../../lib/progress/progress-cache";
import { percentOf } from "../../../lib/progress/statuses";

interface CompletionOptions {
  videoId: string;
  status: VideoStatusSummary;
  readStatus: () => Promise<VideoStatus | undefined>;
  onComplete: (() => void) | undefined;
}

export function useCompletion({ videoId, status, readStatus, onComplete }: CompletionOptions) {
  const [isNew, setNew] = useState(false);
  const isReported = useRef(status.completed);
  const { refresh } = useProgressCache();
  const live = useLive();

  const report = () => {
    if (isReported.current) return;
    isReported.current = true;
    setNew(true);
    onComplete?.();
    void refresh();
  };
  useLiveFrames({
    onCompleted: (frame) => frame.videoId === videoId && report(),
    // After an interruption only the state is sent.
    onProgress: (frame) => frame.videoId === videoId && frame.completed && report(),
  });
  // It may have been received while the player was loading.
  // biome-ignore lint/correctness/useExhaustiveDependencies: later ones are frames.
  useEffect(() => {
    if (live.state.progress[videoId]?.completed) report();
  }, []);

  /** Read the status from the service as soon as a report reaches the threshold. */
  const check = async (stored: Report) => {
    if (isReported.current || percentOf(stored) < status.complete_at_percent) return;
    const latest = await readStatus();
    if (latest?.completed) report();
  };

  return { check, isNew, isCompleted: isNew || status.completed };
}

/** Report at the threshold itself, so that the tick does not wait for the next report. */
export function useEarlyReport(progress: WatchProgress, status: VideoStatusSummary): void {
  const { percent, reportNow } = progress;
  const isReached = !status.completed && percent >= status.complete_at_percent;
  useEffect(() => {
    if (isReached) reportNow();
  }, [isReached, reportNow]);
}
