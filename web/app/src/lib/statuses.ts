/** What is known of each video, and whose word about it counts. */
import type { VideoStatusSummary } from "progress-service-api-client";
import type { Report } from "progress-service-tracker";

export type VideoStatusById = Readonly<Record<string, VideoStatusSummary>>;

/** Where the playhead of this device stands. */
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

/** Never watched is earlier than any time. */
export function isLater(one: string | null, other: string | null): boolean {
  const msOf = (time: string | null) => (time ? Date.parse(time) : 0);
  return msOf(one) > msOf(other);
}

interface Meanwhile {
  /** What was known when the service was asked, and what is known now. */
  before: VideoStatusById | undefined;
  now: VideoStatusById | undefined;
  /** By video, what this device had not handed in when it asked. */
  waiting: ReadonlyMap<string, Report>;
}

/** The service's answer counts, except where it could not know something later. */
export function settled(
  answer: VideoStatusById,
  { before, now, waiting }: Meanwhile,
): VideoStatusById {
  const statuses: Record<string, VideoStatusSummary> = {};
  for (const [videoId, told] of Object.entries(answer)) {
    const known = now?.[videoId];
    const heard = known !== before?.[videoId] ? known : undefined;
    const kept = waiting.get(videoId);
    const claims = [heard, kept && withPlace(told, kept, kept.observed_at)];
    statuses[videoId] = claims.reduce<VideoStatusSummary>(
      (best, claim) => (claim && isLater(claim.last_watched, best.last_watched) ? claim : best),
      told,
    );
  }
  return statuses;
}
