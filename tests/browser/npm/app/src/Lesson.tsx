import { useRef } from "react";
import {
  useLiveProgress,
  useOutbox,
  useResume,
  useWatchProgress,
} from "progress-service-tracker-react";

interface LessonProps {
  videoId: string;
  source: string;
}

export function Lesson({ videoId, source }: LessonProps) {
  const { place } = useResume(videoId);
  const { connection } = useLiveProgress();
  const { waiting } = useOutbox();
  return (
    <>
      <output id="connection">{connection}</output>
      <output id="waiting">{waiting}</output>
      {place && <Player videoId={videoId} source={source} resumeAtSeconds={place.resume_at} />}
    </>
  );
}

function Player({ videoId, source, resumeAtSeconds }: LessonProps & { resumeAtSeconds: number }) {
  const video = useRef<HTMLVideoElement>(null);
  const { percent } = useWatchProgress(video, { videoId, resumeAtSeconds });
  return (
    <>
      <video ref={video} src={source} controls muted />
      <progress value={percent} max={100} />
    </>
  );
}
