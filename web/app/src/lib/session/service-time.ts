/** The time of the service, from the `Date` of its responses: the clock of a device may be wrong. */

/** Less than this is latency. */
const TOLERANCE_MS = 5_000;

/** What the clock of the service showed, and when. */
export interface ServiceTime {
  wallMs: number;
  steadyMs: number;
}

export const nowMs = ({ wallMs, steadyMs }: ServiceTime) => wallMs + performance.now() - steadyMs;

/** @returns `known` unless the response contradicts it */
export function timeOf(response: Response, known: ServiceTime | null): ServiceTime | null {
  const wallMs = Date.parse(response.headers.get("Date") ?? "");
  if (Number.isNaN(wallMs)) return known;
  const isKnown = known && Math.abs(wallMs - nowMs(known)) < TOLERANCE_MS;
  return isKnown ? known : { wallMs, steadyMs: performance.now() };
}
