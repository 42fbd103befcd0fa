/** A video with its controls and nothing else: it starts at 0, and nothing about it is recorded. */
import { useEffect, useRef } from "react";
import { Notice } from "../../components/Notice";
import { Skeleton } from "../../components/Skeleton";
import { isWebAddress } from "../../lib/media/sources";
import { strings } from "../../strings";
import { useVideoSurface } from "./surface/use-video-surface";
import { VideoArea } from "./surface/VideoArea";
import surfaceStyles from "./surface/VideoSurface.module.css";

interface PlainVideoProps {
  title: string;
  sourceUrl: string | null | undefined;
  /** Called with the element when it is there, and with null when it is gone. */
  onElement: (video: HTMLVideoElement | null) => void;
}

export function PlainVideo({ title, sourceUrl, onElement }: PlainVideoProps) {
  const surface = useVideoSurface("skin");
  const video = useRef<HTMLVideoElement>(null);
  const canShow = surface !== null && isWebAddress(sourceUrl);
  useEffect(() => {
    if (!canShow) return;
    onElement(video.current);
    return () => onElement(null);
  }, [canShow, onElement]);
  if (!isWebAddress(sourceUrl)) return <Notice text={strings.player.noSource} />;
  if (!surface) {
    return (
      <div className={surfaceStyles.box} role="status" aria-label={strings.player.loading}>
        <Skeleton height="100%" />
      </div>
    );
  }
  return (
    <VideoArea
      surface={surface}
      video={video}
      sourceUrl={sourceUrl}
      title={title}
      overlay={null}
      willPlay={false}
    />
  );
}
