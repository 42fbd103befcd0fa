/** Lessons as in the documentation, in four lines each. */
import { Video, VideoPlayer, VideoSkin } from "@videojs/react/video";
import { useRef } from "react";
import { useResume, useWatchProgress } from "../src/index";

export interface LessonProps {
  videoId: string;
}

export function NativeLesson({ videoId }: LessonProps) {
  const { place } = useResume(videoId);
  return place && <NativeVideo videoId={videoId} resumeAt={place.resume_at} />;
}

function NativeVideo({ videoId, resumeAt }: LessonProps & { resumeAt: number }) {
  const video = useRef<HTMLVideoElement>(null);
  const { percent } = useWatchProgress(video, { videoId, resumeAtSeconds: resumeAt });
  return (
    <>
      {/* biome-ignore lint/a11y/useMediaCaption: the video has no sound. */}
      <video ref={video} aria-label="lesson" controls />
      <output>{Math.round(percent)} %</output>
    </>
  );
}

export function VideoJsLesson({ videoId }: LessonProps) {
  const { place } = useResume(videoId);
  return place && <VideoJsVideo videoId={videoId} resumeAt={place.resume_at} />;
}

function VideoJsVideo({ videoId, resumeAt }: LessonProps & { resumeAt: number }) {
  const video = useRef<HTMLVideoElement>(null);
  const { percent } = useWatchProgress(video, { videoId, resumeAtSeconds: resumeAt });
  return (
    <VideoPlayer>
      <VideoSkin>
        <Video ref={video} aria-label="lesson" />
        <output>{Math.round(percent)} %</output>
      </VideoSkin>
    </VideoPlayer>
  );
}
