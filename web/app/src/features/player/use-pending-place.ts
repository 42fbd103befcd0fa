/** The place of a report that the service has not received yet, for when the service is slow. */
import type { VideoStatusSummary } from "progress-service-api-client";
import { useLink } from "progress-service-tracker-react";
import { useEffect, useState } from "react";

type Place = Pick<VideoStatusSummary, "watch_time"> & { observed_at: string };

export function usePendingPlace(videoId: string): Place | undefined {
  const { outbox } = useLink();
  const [place, setPlace] = useState<Place>();
  useEffect(() => {
    let isCurrent = true;
    void outbox.newest().then((reports) => isCurrent && setPlace(reports.get(videoId)));
    return () => {
      isCurrent = false;
    };
  }, [outbox, videoId]);
  return place;
}

/** The status with the pending place, where that is the newer one. */
export function withPending(
  status: VideoStatusSummary,
  pending: Place | undefined,
): VideoStatusSummary {
  const isNewer =
    pending && Date.parse(pending.observed_at) > Date.parse(status.last_watched ?? "1970-01-01");
  return isNewer ? { ...status, watch_time: pending.watch_time } : status;
}
