/** A line where the video is. It renders alone when the video moves on. */
import { percentOf } from "../charts/scale";
import styles from "./Timeline.module.css";
import { usePosition } from "./use-position";

interface PlayheadProps {
  video: HTMLVideoElement | null;
  durationSeconds: number;
}

export function Playhead({ video, durationSeconds }: PlayheadProps) {
  const at = percentOf(usePosition(video), durationSeconds);
  return (
    <div
      className={styles.playhead}
      style={{ left: `${at}%` }}
      data-testid="playhead"
      aria-hidden="true"
    />
  );
}
