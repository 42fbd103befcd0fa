/** Seconds for display. */

/** `2:05`, `1:02:05`: rounded down to whole seconds. */
export function clockTime(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** Two formats of one clip differ by some frames: 45.008 s left are still 0:45. */
const FORMAT_SLACK_SECONDS = 0.05;

/** Like `clockTime`, but rounded up, so that the time left is never too short. */
export function clockTimeLeft(seconds: number): string {
  return clockTime(Math.ceil(seconds - FORMAT_SLACK_SECONDS));
}
