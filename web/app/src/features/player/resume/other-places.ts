/** Which places of other devices are offered beside the start of a video. */
import type { ResumePoint } from "progress-service-api-client";
import type { Start } from "./resume";

export type OtherPlace = ResumePoint["alternatives"][number];

/** Places that are nearer than this are the same. */
const NEAR_SECONDS = 10;
const MAX_PLACES = 2;

/** Places that were used or dismissed since the page was loaded. */
const dismissed = new Set<string>();

/**
 * The newest first, one for each device: without dismissed places, those near the start or each other,
 * and those beyond the end of a shortened video.
 *
 * @param lengthSeconds the current length; 0 while unknown
 */
export function otherPlaces(start: Start, lengthSeconds: number): OtherPlace[] {
  const offered: OtherPlace[] = [];
  const endSeconds = lengthSeconds || Number.POSITIVE_INFINITY;
  for (const place of start.alternatives) {
    if (place.watch_time > endSeconds) continue;
    const known = [start.seconds, start.exactSeconds, ...offered.map((other) => other.watch_time)];
    const isNear = known.some((seconds) => Math.abs(seconds - place.watch_time) < NEAR_SECONDS);
    const isSameDevice = offered.some(({ device_id }) => device_id === place.device_id);
    if (!isNear && !isSameDevice && !dismissed.has(keyOf(place))) offered.push(place);
  }
  return offered.slice(0, MAX_PLACES);
}

/** Do not offer these places again. */
export function dismissPlaces(places: readonly OtherPlace[]): void {
  for (const place of places) dismissed.add(keyOf(place));
}

function keyOf({ device_id, last_watched }: OtherPlace): string {
  return `${device_id} ${last_watched}`;
}
