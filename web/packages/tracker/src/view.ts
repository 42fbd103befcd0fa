/** What a page shows of the player. */

/** A new object at every change. */
export interface TrackerView {
  positionSeconds: number;
  /** 0 while unknown. */
  durationSeconds: number;
  percent: number;
  remainingSeconds: number;
  isPlaying: boolean;
}

export function viewOf(
  positionSeconds: number,
  durationSeconds: number,
  isPlaying: boolean,
): TrackerView {
  return {
    positionSeconds,
    durationSeconds,
    percent: durationSeconds > 0 ? Math.min(100, (100 * positionSeconds) / durationSeconds) : 0,
    remainingSeconds: Math.max(0, durationSeconds - positionSeconds),
    isPlaying,
  };
}
