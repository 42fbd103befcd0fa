/** The video, the progress below it, and its chapters. */
import type {
  Material,
  ResumePoint,
  VideoStatus,
  VideoStatusSummary,
} from "progress-service-api-client";
import { useWatchProgress } from "progress-service-tracker-react";
import { useCallback, useMemo, useRef, useState } from "react";
import { Notice } from "../../components/Notice";
import { ApiProblem, remedyFor } from "../../lib/api/problem";
import { useHistory } from "../../lib/api/queries";
import { useService } from "../../lib/api/service";
import { useProgressCache } from "../../lib/progress/progress-cache";
import { strings } from "../../strings";
import { ChapterList } from "./ChapterList";
import { KeyHelp } from "./keyboard/KeyHelp";
import { usePlayerKeys } from "./keyboard/use-player-keys";
import type { NextMaterial } from "./next-up/NextUp";
import { Overlay } from "./next-up/Overlay";
import { segmentsAt } from "./next-up/segments";
import { useNextUp } from "./next-up/use-next-up";
import styles from "./PlayerView.module.css";
import { useAutoPlay, usePlayingChange } from "./playback/use-playing";
import { usePreferences } from "./playback/use-preferences";
import { useCompletion, useEarlyReport } from "./progress/use-completion";
import { useLocalEcho } from "./progress/use-local-echo";
import { WatchProgressBar } from "./progress/WatchProgressBar";
import { watchedSpans } from "./progress/watched-spans";
import { startOf } from "./resume/resume";
import { StartNotice } from "./resume/StartNotice";
import { useFullscreen, usePictureInViewAfterTurn } from "./surface/use-picture";
import { VideoArea } from "./surface/VideoArea";
import { focusTargetOf, type VideoSurface } from "./surface/video-surface";

interface PlayerViewProps {
  videoId: string;
  title: string;
  material: Material;
  sourceUrl: string;
  surface: VideoSurface;
  status: VideoStatusSummary;
  /** The watched spans of earlier sessions. */
  savedSpans: VideoStatus["watched_spans"];
  resume: ResumePoint | null;
  /** Null when everything else in the course is done. */
  next: NextMaterial | null;
  readStatus: () => Promise<VideoStatus | undefined>;
  initialWatchTime: number | undefined;
  autoPlay: boolean;
  onPlayingChange: ((isPlaying: boolean) => void) | undefined;
  onComplete: (() => void) | undefined;
  onOpenNext: ((next: NextMaterial) => void) | undefined;
  onToggleLarge: () => void;
}

const NONE: NonNullable<Material["chapters"]> = [];

export function PlayerView(props: PlayerViewProps) {
  const { videoId, title, material, status, resume, next, onOpenNext } = props;
  const video = useRef<HTMLVideoElement>(null);
  const { deviceId } = useService();
  const { notePlace, refreshOnce } = useProgressCache();
  const [notSaved, setNotSaved] = useState<string | null>(null);
  // The place moves while the video plays; the start and its reason do not.
  const lengthSeconds = material.duration_seconds || status.total_duration;
  const [start] = useState(() =>
    startOf(status, resume, { initialWatchTime: props.initialWatchTime, lengthSeconds }),
  );
  const completion = useCompletion(props);
  const chapters = material.chapters ?? NONE;
  const isPaused = useHistory().data?.history === "paused";

  const progress = useWatchProgress(video, {
    videoId,
    resumeAtSeconds: start.seconds,
    expectedDurationSeconds: material.duration_seconds ?? status.total_duration,
    // The page shows whole seconds.
    stepSeconds: 1,
    onStored(report) {
      setNotSaved(null);
      if (!isPaused) notePlace(videoId, report);
      void completion.check(report);
    },
    onRejected: ({ httpStatus, code }) => setNotSaved(remedyFor(new ApiProblem(httpStatus, code))),
    // Reading the status again ends the session if the token is not accepted.
    onUnauthenticated: async () => (await props.readStatus()) !== undefined,
    onDetached: refreshOnce,
  });
  useEarlyReport(progress, status);
  useLocalEcho(videoId, progress, { isPaused });
  useAutoPlay(video, { isEnabled: props.autoPlay, startSeconds: start.seconds });
  usePlayingChange(progress.isPlaying, props.onPlayingChange);

  const { seekTo, positionSeconds } = progress;
  const findTarget = useCallback(() => focusTargetOf(video.current), []);
  const { isInIntro, isAtEnd, introEndSeconds } = segmentsAt(material, progress);
  const isFullscreen = useFullscreen();
  // A place beyond the threshold completes the video as soon as it is reported.
  const isCompleting = progress.percent >= status.complete_at_percent;
  const isCourseDone = next === null && (completion.isCompleted || isCompleting);
  const nextUp = useNextUp(video, {
    next,
    isAtEnd,
    isCourseDone,
    seekTo,
    onOpenNext,
    findTarget,
  });
  const overlay = useMemo(
    () => (
      <Overlay
        isInIntro={isInIntro}
        onSkipIntro={() => seekTo(introEndSeconds)}
        next={isFullscreen ? nextUp : null}
        findTarget={findTarget}
      />
    ),
    [isInIntro, introEndSeconds, isFullscreen, nextUp, seekTo, findTarget],
  );
  const [isHelpOpen, setHelpOpen] = useState(false);
  const openHelp = useCallback(() => setHelpOpen(true), []);
  usePlayerKeys(video, { onHelp: openHelp, onToggleLarge: props.onToggleLarge });
  usePreferences(video);
  usePictureInViewAfterTurn(video);

  return (
    <div className={styles.view}>
      <VideoArea
        surface={props.surface}
        video={video}
        sourceUrl={props.sourceUrl}
        title={title}
        overlay={overlay}
        willPlay={props.autoPlay}
      />
      <WatchProgressBar
        progress={progress}
        isCompleted={completion.isCompleted}
        watchedSpans={watchedSpans(props.savedSpans, video.current)}
      />
      <div className={styles.room}>
        {(!isFullscreen && nextUp) || (
          <StartNotice
            start={start}
            lengthSeconds={lengthSeconds}
            chapters={chapters}
            ownDeviceId={deviceId}
            isPlaying={progress.isPlaying}
            onGoTo={seekTo}
            findTarget={findTarget}
          />
        )}
      </div>
      {isPaused && <p className={styles.paused}>{strings.player.paused}</p>}
      {notSaved && <Notice text={strings.player.notSaved(notSaved)} />}
      <ChapterList
        chapters={chapters}
        currentStartSeconds={
          chapters.findLast(({ start_seconds }) => start_seconds <= positionSeconds)?.start_seconds
        }
        onSelect={seekTo}
      />
      {isHelpOpen && <KeyHelp onClose={() => setHelpOpen(false)} />}
      <p className="visually-hidden" role="status">
        {completion.isNew && strings.player.nowCompleted(title)}
      </p>
    </div>
  );
}
