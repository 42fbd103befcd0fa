/** A video with Video.js 10 controls. Loaded when a video is opened, and by nothing else. */
import { createPlayer } from "@videojs/react";
import { Video, VideoSkin, videoFeatures } from "@videojs/react/video";
import "@videojs/react/video/skin.css";
import { withImmediateState } from "./immediate-state";
import styles from "./Screen.module.css";
import type { ScreenProps } from "./screen";
import { inWholeSeconds } from "./whole-seconds";

const { Player } = createPlayer({
  features: withImmediateState(inWholeSeconds(videoFeatures)),
});

export function SkinnedScreen({ ref, title, files, overlay, preload, onError }: ScreenProps) {
  return (
    <div className={styles.box}>
      <Player>
        {/* Out of the page's flow: its many parts are then not laid out again when a figure below
            changes. It has no size of its own anyway. */}
        <VideoSkin className={styles.skin}>
          <Video
            ref={ref}
            className={styles.picture}
            aria-label={title}
            playsInline
            preload={preload}
            onError={onError}
          >
            {files}
          </Video>
          {overlay}
        </VideoSkin>
      </Player>
    </div>
  );
}
