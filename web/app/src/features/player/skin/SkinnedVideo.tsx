/** A video with Video.js 10 controls, in a chunk that is loaded with the first video. */
import { createPlayer } from "@videojs/react";
import { Video, VideoSkin, videoFeatures } from "@videojs/react/video";
import "@videojs/react/video/skin.css";
import styles from "../surface/VideoSurface.module.css";
import type { VideoSurfaceProps } from "../surface/video-surface";
import { withImmediateState } from "./immediate-state";
import { inWholeSeconds } from "./whole-seconds";

const { Player } = createPlayer({
  features: withImmediateState(inWholeSeconds(videoFeatures)),
});

export function SkinnedVideo({ ref, title, files, overlay, preload, onError }: VideoSurfaceProps) {
  return (
    <div className={styles.box}>
      <Player>
        {/* Outside of the page's flow: its many parts are not laid out again when a figure below
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
