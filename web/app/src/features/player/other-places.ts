/** Which places of other devices are worth offering beside the start of a video. */
import type { ResumePoint } from "progress-service-api-client";
import type { Start } from "./resume";

export type OtherPlace = ResumePoint["alternatives"][number];

/** A device this close to a place is at that place. */
const NEAR_SECONDS = 10;
const MAX_PLACES = 2;

/** What was taken up or waved off since the page was loaded; a newer place of a device is another. */
const settled = new Set<string>();

/**
 * The newest first, one for each device, none that is settled or offered anyway, and none beyond the
 * end: a video may have become shorter since.
 *
 * @param lengthSeconds today's length; 0 when it is unknown
 */
export function otherPlaces(start: Start, lengthSeconds: number): OtherPlace[] {
  const offered: OtherPlace[] = [];
  const endSeconds = lengthSeconds || Number.POSITIVE_INFINITY;
  for (const place of start.alternatives) {
    if (place.watch_time > endSeconds) continue;
    const known = [start.seconds, start.exactSeconds, ...offered.map((other) => other.watch_time)];
    const isNear = known.some((seconds) => Math.abs(seconds - place.watch_time) < NEAR_SECONDS);
    const isSameDevice = offered.some(({ device_id }) => device_id === place.device_id);
    if (!isNear && !isSameDevice && !settled.has(nameOf(place))) offered.push(place);
  }
  return offered.slice(0, MAX_PLACES);
}

/** The learner has chosen, so these are not offered again. */
export function settle(places: readonly OtherPlace[]): void {
  for (const place of places) settled.add(nameOf(place));
}

function nameOf({ device_id, last_watched }: OtherPlace): string {
  return `${device_id} ${last_watched}`;
}
