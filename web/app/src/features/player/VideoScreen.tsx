/** The picture, its controls and what lies above it, and a way out when no file plays. */
import { memo, type RefObject, useCallback, useMemo, useState } from "react";
import { Notice } from "../../components/Notice";
import { wantsLessData } from "../../lib/data-use";
import { filesOf } from "../../lib/sources";
import { strings } from "../../strings";
import { MediaFiles } from "./MediaFiles";
import { keyboardOf, type Screen, type ScreenProps } from "./screen";

interface VideoScreenProps {
  screen: Screen;
  video: RefObject<HTMLVideoElement | null>;
  sourceUrl: string;
  title: string;
  overlay: React.ReactNode;
  /** It will play by itself as soon as it can. */
  willPlay: boolean;
}

/** Drawn again only when something about it changed: the place moves several times a second. */
export const VideoScreen = memo(function VideoScreen(props: VideoScreenProps) {
  const { screen: Screen, video, sourceUrl, title, overlay, willPlay } = props;
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
    // The button that was pressed is gone.
    keyboardOf(video.current)?.focus();
  };
  return (
    <>
      <Screen
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

function preloadFor(willPlay: boolean): ScreenProps["preload"] {
  if (!wantsLessData()) return "auto";
  return willPlay ? "metadata" : "none";
}
