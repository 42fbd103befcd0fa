/** A video with the browser's own controls: small, and there when nothing else is. */

import styles from "./Screen.module.css";
import type { ScreenProps } from "./screen";

export function NativeScreen({ ref, title, files, overlay, preload, onError }: ScreenProps) {
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
