/** A video with the controls of the browser: small, and always available. */
import styles from "./VideoSurface.module.css";
import type { VideoSurfaceProps } from "./video-surface";

export function NativeVideo({ ref, title, files, overlay, preload, onError }: VideoSurfaceProps) {
  return (
    <div className={styles.box}>
      {/* biome-ignore lint/a11y/useMediaCaption: the captions track is among the files, for videos that have one. */}
      <video
        ref={ref}
        className={styles.picture}
        aria-label={title}
        controls
        playsInline
        preload={preload}
        onError={onError}
      >
        {files}
      </video>
      {overlay}
    </div>
  );
}
