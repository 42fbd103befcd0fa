/** Notices, once, that the service counts a video as completed, whoever has reported it. */
import type { VideoStatus, VideoStatusSummary } from "progress-service-api-client";
import type { Report } from "progress-service-tracker";
import { useLive, useLiveFrames, type WatchProgress } from "progress-service-tracker-react";
import { useEffect, useRef, useState } from "react";
import { useProgressCache } from "../../lib/progress-cache";
import { percentOf } from "../../lib/statuses";

interface CompletionOptions {
  videoId: string;
  status: VideoStatusSummary;
  readStatus: () => Promise<VideoStatus | undefined>;
  onComplete: (() => void) | undefined;
}

export function useCompletion({ videoId, status, readStatus, onComplete }: CompletionOptions) {
  const [isNew, setNew] = useState(false);
  const wasTold = useRef(status.completed);
  const { refresh } = useProgressCache();
  const live = useLive();

  const tell = () => {
    if (wasTold.current) return;
    wasTold.current = true;
    setNew(true);
    onComplete?.();
    void refresh();
  };
  useLiveFrames({
    onCompleted: (frame) => frame.videoId === videoId && tell(),
    // After an interruption only the state comes, and the moment has passed.
    onProgress: (frame) => frame.videoId === videoId && frame.completed && tell(),
  });
  // It may have come while the player was still loading.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what comes later comes as a frame.
  useEffect(() => {
    if (live.state.progress[videoId]?.completed) tell();
  }, []);

  /** Ask the service, whose word counts, as soon as our own sum says it could be. */
  const check = async (report: Report) => {
    if (wasTold.current || percentOf(report) < status.complete_at_percent) return;
    const answer = await readStatus();
    if (answer?.completed) tell();
  };

  return { check, isNew, isCompleted: isNew || status.completed };
}

/** Report at the threshold itself, so that nobody waits ten seconds for their tick. */
export function useEarlyReport(progress: WatchProgress, status: VideoStatusSummary): void {
  const { percent, reportNow } = progress;
  const isReached = !status.completed && percent >= status.complete_at_percent;
  useEffect(() => {
    if (isReached) reportNow();
  }, [isReached, reportNow]);
}
