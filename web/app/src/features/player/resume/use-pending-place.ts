/** The place of a pending report, for when the service is slow. */
import type { VideoStatusSummary } from "progress-service-api-client";
import { useTrackerClient } from "progress-service-tracker-react";
import { useEffect, useState } from "react";

type Place = Pick<VideoStatusSummary, "watch_time"> & { observed_at: string };

export function usePendingPlace(videoId: string): Place | undefined {
  const { outbox } = useTrackerClient();
  const [place, setPlace] = useState<Place>();
  useEffect(() => {
    let isCurrent = true;
    void outbox.pendingReports().then((reports) => isCurrent && setPlace(reports.get(videoId)));
    return () => {
      isCurrent = false;
    };
  }, [outbox, videoId]);
  return place;
}

/** The status with the pending place, if that is newer. */
export function withPending(
  status: VideoStatusSummary,
  pending: Place | undefined,
): VideoStatusSummary {
  const isNewer =
    pending && Date.parse(pending.observed_at) > Date.parse(status.last_watched ?? "1970-01-01");
  return isNewer ? { ...status, watch_time: pending.watch_time } : status;
}
