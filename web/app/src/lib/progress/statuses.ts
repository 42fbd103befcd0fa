/** The status of each video, and which of several sources is the newest. */
import type { VideoStatusSummary } from "progress-service-api-client";
import type { Report } from "progress-service-tracker";

export type VideoStatusById = Readonly<Record<string, VideoStatusSummary>>;

/** The position of a playhead, in seconds. */
export interface Place {
  watch_time: number;
  total_duration: number;
}

export const percentOf = ({ watch_time, total_duration }: Place): number =>
  (100 * watch_time) / total_duration;

export function withPlace(
  status: VideoStatusSummary,
  place: Place,
  observedAt: string,
): VideoStatusSummary {
  const { watch_time, total_duration } = place;
  const progress_percentage = percentOf(place);
  return { ...status, watch_time, total_duration, progress_percentage, last_watched: observedAt };
}

/** Null (never watched) is earlier than any time. */
export function isLater(one: string | null, other: string | null): boolean {
  const msOf = (time: string | null) => (time ? Date.parse(time) : 0);
  return msOf(one) > msOf(other);
}

interface LocalState {
  /** The cache before the request, and now. */
  before: VideoStatusById | undefined;
  now: VideoStatusById | undefined;
  /** By video, the reports that were pending before the request. */
  pending: ReadonlyMap<string, Report>;
}

/** The statuses of the response, except where this device has a newer one. */
export function reconcileStatuses(
  received: VideoStatusById,
  { before, now, pending }: LocalState,
): VideoStatusById {
  const statuses: Record<string, VideoStatusSummary> = {};
  for (const [videoId, status] of Object.entries(received)) {
    const cached = now?.[videoId];
    const changed = cached !== before?.[videoId] ? cached : undefined;
    const report = pending.get(videoId);
    const candidates = [changed, report && withPlace(status, report, report.observed_at)];
    statuses[videoId] = candidates.reduce<VideoStatusSummary>(
      (newest, one) => (one && isLater(one.last_watched, newest.last_watched) ? one : newest),
      status,
    );
  }
  return statuses;
}
