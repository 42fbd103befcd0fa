/** Seconds as people write them. */

/** `2:05`, `1:02:05`: started seconds are left out. */
export function clockTime(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** One clip in two formats differs by some frames; 45 s of 90.008 are still 0:45. */
const FORMAT_SLACK_SECONDS = 0.05;

/** As `clockTime`, with started seconds counted in: what is left is never too little. */
export function clockTimeLeft(seconds: number): string {
  return clockTime(Math.ceil(seconds - FORMAT_SLACK_SECONDS));
}
