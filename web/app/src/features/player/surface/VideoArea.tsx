/** The picture with its controls, and an error message when no file plays. */
import { memo, type RefObject, useCallback, useMemo, useState } from "react";
import { Notice } from "../../../components/Notice";
import { prefersLessData } from "../../../lib/media/data-use";
import { filesOf } from "../../../lib/media/sources";
import { strings } from "../../../strings";
import { MediaFiles } from "./MediaFiles";
import { focusTargetOf, type VideoSurface, type VideoSurfaceProps } from "./video-surface";

interface VideoAreaProps {
  surface: VideoSurface;
  video: RefObject<HTMLVideoElement | null>;
  sourceUrl: string;
  title: string;
  overlay: React.ReactNode;
  /** It plays as soon as it can. */
  willPlay: boolean;
}

/** Renders again only when something about it changed, not when the place moves. */
export const VideoArea = memo(function VideoArea(props: VideoAreaProps) {
  const { surface: Surface, video, sourceUrl, title, overlay, willPlay } = props;
  const [preload] = useState(() => preloadFor(willPlay));
  const [isBroken, setBroken] = useState(false);
  const onBroken = useCallback(() => setBroken(true), []);
  const files = useMemo(
    () => <MediaFiles files={filesOf(sourceUrl, location.origin)} onBroken={onBroken} />,
    [sourceUrl, onBroken],
  );
  const retry = () => {
    setBroken(false);
    video.current?.load();
    // The pressed button is gone.
    focusTargetOf(video.current)?.focus();
  };
  return (
    <>
      <Surface
        ref={video}
        title={title}
        files={files}
        overlay={overlay}
        preload={preload}
        onError={(event) => {
          if (event.currentTarget.error) onBroken();
        }}
      />
      {isBroken && <Notice text={strings.player.broken} onRetry={retry} />}
    </>
  );
});

function preloadFor(willPlay: boolean): VideoSurfaceProps["preload"] {
  if (!prefersLessData()) return "auto";
  return willPlay ? "metadata" : "none";
}
