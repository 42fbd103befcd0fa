/** Notices, once, that the service counts a video as completed. */
import type { VideoStatus } from "@progress/api-client";
import type { Report } from "@progress/tracker";
import type { WatchProgress } from "@progress/tracker-react";
import { useEffect, useRef, useState } from "react";
import { useProgressCache } from "../../lib/progress-cache";

interface CompletionOptions {
  status: VideoStatus;
  readStatus: () => Promise<VideoStatus | undefined>;
  onComplete: (() => void) | undefined;
}

export function useCompletion({ status, readStatus, onComplete }: CompletionOptions) {
  const [isNew, setNew] = useState(false);
  const wasTold = useRef(status.completed);
  const { refresh } = useProgressCache();
  /** Ask the service, whose word counts, as soon as our own sum says it could be. */
  const check = async (report: Report) => {
    const percent = (100 * report.watch_time) / report.total_duration;
    if (wasTold.current || percent < status.complete_at_percent) return;
    const answer = await readStatus();
    // Two reports may have asked at the same time.
    if (wasTold.current || !answer?.completed) return;
    wasTold.current = true;
    setNew(true);
    onComplete?.();
    void refresh();
  };

  return { check, isNew, isCompleted: isNew || status.completed };
}

/** Report at the threshold itself, so that nobody waits ten seconds for their tick. */
export function useEarlyReport(progress: WatchProgress, status: VideoStatus): void {
  const { percent, reportNow } = progress;
  const isReached = !status.completed && percent >= status.complete_at_percent;
  useEffect(() => {
    if (isReached) reportNow();
  }, [isReached, reportNow]);
}
