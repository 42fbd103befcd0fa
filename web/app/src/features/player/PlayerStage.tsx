/** The video itself, the progress below it, and its chapters. */
import type {
  Material,
  ResumePoint,
  VideoStatus,
  VideoStatusSummary,
} from "progress-service-api-client";
import { useWatchProgress } from "progress-service-tracker-react";
import { useCallback, useMemo, useRef, useState } from "react";
import { Notice } from "../../components/Notice";
import { ApiProblem, remedyFor } from "../../lib/problem";
import { useProgressCache } from "../../lib/progress-cache";
import { useService } from "../../lib/service";
import { strings } from "../../strings";
import { ChapterList } from "./ChapterList";
import { KeyHelp } from "./KeyHelp";
import type { NextMaterial } from "./NextUp";
import { Overlay } from "./Overlay";
import styles from "./PlayerStage.module.css";
import { startOf } from "./resume";
import { StartNotice } from "./StartNotice";
import { keyboardOf, type Screen } from "./screen";
import { seenSpans } from "./seen-spans";
import { stretchesOf } from "./stretches";
import { useCompletion, useEarlyReport } from "./use-completion";
import { useLocalEcho } from "./use-local-echo";
import { useNextUp } from "./use-next-up";
import { useFullscreen, usePictureInViewAfterTurn } from "./use-picture";
import { usePlayerKeys } from "./use-player-keys";
import { useAutoPlay, usePlayingChange } from "./use-playing";
import { usePreferences } from "./use-preferences";
import { VideoScreen } from "./VideoScreen";
import { WatchProgressBar } from "./WatchProgressBar";

interface PlayerStageProps {
  videoId: string;
  title: string;
  material: Material;
  sourceUrl: string;
  screen: Screen;
  status: VideoStatusSummary;
  /** What was played in earlier sessions. */
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

export function PlayerStage(props: PlayerStageProps) {
  const { videoId, title, material, status, resume, next, onOpenNext } = props;
  const video = useRef<HTMLVideoElement>(null);
  const { deviceId } = useService();
  const { notePlace, refreshOnce } = useProgressCache();
  const [notSaved, setNotSaved] = useState<string | null>(null);
  // The place moves while the video plays; where it started, and why, does not.
  const lengthSeconds = material.duration_seconds || status.total_duration;
  const [start] = useState(() =>
    startOf(status, resume, { initialWatchTime: props.initialWatchTime, lengthSeconds }),
  );
  const completion = useCompletion(props);
  const chapters = material.chapters ?? NONE;

  const progress = useWatchProgress(video, {
    videoId,
    resumeAtSeconds: start.seconds,
    expectedDurationSeconds: material.duration_seconds ?? status.total_duration,
    // All that is shown of it has whole seconds.
    stepSeconds: 1,
    onStored(report) {
      setNotSaved(null);
      notePlace(videoId, report);
      void completion.check(report);
    },
    onRefused: ({ httpStatus, code }) => setNotSaved(remedyFor(new ApiProblem(httpStatus, code))),
    // Reading the status again ends the sign-in when the token is at fault.
    onUnauthenticated: async () => (await props.readStatus()) !== undefined,
    onDetached: refreshOnce,
  });
  useEarlyReport(progress, status);
  useLocalEcho(videoId, progress);
  useAutoPlay(video, { isWanted: props.autoPlay, startSeconds: start.seconds });
  usePlayingChange(progress.isPlaying, props.onPlayingChange);

  const { seekTo, positionSeconds } = progress;
  const findPicture = useCallback(() => keyboardOf(video.current), []);
  const { isInIntro, isAtEnd, introEndSeconds } = stretchesOf(material, progress);
  const isFullscreen = useFullscreen();
  // A place at the threshold completes the video as soon as it is reported.
  const isCompleting = progress.percent >= status.complete_at_percent;
  const isCourseDone = next === null && (completion.isCompleted || isCompleting);
  const nextUp = useNextUp(video, {
    next,
    isAtEnd,
    isCourseDone,
    seekTo,
    onOpenNext,
    findPicture,
  });
  const overlay = useMemo(
    () => (
      <Overlay
        isInIntro={isInIntro}
        onSkipIntro={() => seekTo(introEndSeconds)}
        next={isFullscreen ? nextUp : null}
        findPicture={findPicture}
      />
    ),
    [isInIntro, introEndSeconds, isFullscreen, nextUp, seekTo, findPicture],
  );
  const [isHelpOpen, setHelpOpen] = useState(false);
  const openHelp = useCallback(() => setHelpOpen(true), []);
  usePlayerKeys(video, { onHelp: openHelp, onToggleLarge: props.onToggleLarge });
  usePreferences(video);
  usePictureInViewAfterTurn(video);

  return (
    <div className={styles.stage}>
      <VideoScreen
        screen={props.screen}
        video={video}
        sourceUrl={props.sourceUrl}
        title={title}
        overlay={overlay}
        willPlay={props.autoPlay}
      />
      <WatchProgressBar
        progress={progress}
        isCompleted={completion.isCompleted}
        seenSpans={seenSpans(props.savedSpans, video.current)}
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
            findPicture={findPicture}
          />
        )}
      </div>
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
