/** Published numbers for display. */
import { analyticsStrings as texts } from "../../analytics-strings";
import { strings } from "../../strings";

const wholeNumbers = new Intl.NumberFormat("en");
const times = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
const dates = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeZone: "UTC" });

/** `12,345` */
export const wholeText = (count: number): string => wholeNumbers.format(count);

/** The same; a dash for a number that is not published. */
export function countText(count: number | null): string {
  return count === null ? texts.nothing : wholeText(count);
}

/**
 * A share of 0 to 1 as `83 %`. With `minLearners` above 1, the service returns 0 for everything below
 * 5 %, and 1 for everything above 95 %.
 */
export function shareText(share: number | null, minLearners: number): string {
  if (share === null) return texts.nothing;
  if (minLearners > 1 && share <= 0) return texts.atMostShare;
  if (minLearners > 1 && share >= 1) return texts.atLeastShare;
  return strings.percent(Math.round(100 * share));
}

/** `45 min`, `2 h 5 min`. */
export function hoursText(seconds: number | null): string {
  if (seconds === null) return texts.nothing;
  const minutes = Math.round(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return hours > 0 ? texts.hours(hours, minutes % 60) : texts.minutes(minutes);
}

/** A moment, in the time zone of the reader. */
export function timeText(moment: string): string {
  return times.format(new Date(moment));
}

/** A date such as `2026-11-22`. */
export function dateText(date: string): string {
  return dates.format(new Date(date));
}

/** `2026-W47` in words. */
export function cohortText(cohort: string): string {
  const [year = "", week = ""] = cohort.split("-W");
  return texts.cohort.of(Number(week), Number(year));
}
