/** The addresses of the pages. */

export function courseAddress(courseId: string): string {
  return `/courses/${encodeURIComponent(courseId)}`;
}

export function videoAddress(courseId: string, videoId: string): string {
  return `${courseAddress(courseId)}/videos/${encodeURIComponent(videoId)}`;
}

export function courseAnalyticsAddress(courseId: string): string {
  return `${courseAddress(courseId)}/analytics`;
}

export function videoAnalyticsAddress(courseId: string, videoId: string): string {
  return `${courseAnalyticsAddress(courseId)}/videos/${encodeURIComponent(videoId)}`;
}

/** The start page. */
export const HOME = "/";

export const YOUR_DATA = "/your-data";
