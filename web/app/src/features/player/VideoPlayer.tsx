/** A video that resumes where the learner left, and reports what is played. */
import type { ResumePlace } from "progress-service-tracker";
import { useResume } from "progress-service-tracker-react";
import { useCallback, useEffect, useState } from "react";
import { Notice } from "../../components/Notice";
import { remedyFor } from "../../lib/api/problem";
import { useCourse, useVideoStatus } from "../../lib/api/queries";
import { useService } from "../../lib/api/service";
import { useFailure } from "../../lib/api/use-failure";
import { isWebAddress } from "../../lib/media/sources";
import { useCourseId } from "../../lib/progress/course-context";
import { useProgressCache } from "../../lib/progress/progress-cache";
import { useIsLate } from "../../lib/state/use-is-late";
import { strings } from "../../strings";
import type { NextMaterial } from "./next-up/NextUp";
import { nextUnfinished } from "./next-up/next-material";
import { PlayerFrame } from "./PlayerFrame";
import { PlayerSkeleton } from "./PlayerSkeleton";
import { PlayerView } from "./PlayerView";
import { readPreferences, savePreferences } from "./playback/preferences";
import { usePendingPlace, withPending } from "./resume/use-pending-place";
import { type Controls, useVideoSurface } from "./surface/use-video-surface";

/** After this long without a response, the place known on this device is used. */
const RESPONSE_TIMEOUT_SECONDS = 5;

export interface VideoPlayerProps {
  videoId: string;
  title: string;
  onClose: () => void;
  onComplete?: () => void;
  /**
   * Resume position in seconds; the saved place when left out. Read when the video is opened; later
   * changes have no effect. To seek elsewhere, mount the player again with another `key`.
   */
  initialWatchTime?: number;
  /** The skin of Video.js, or the controls of the browser. */
  controls?: Controls;
  /** Play as soon as it is in its place; for videos that a learner has just opened. */
  autoPlay?: boolean;
  onPlayingChange?: (isPlaying: boolean) => void;
  /** The learner opens the next material; without it, only its title is shown. */
  onOpenNext?: (next: NextMaterial) => void;
}

export function VideoPlayer({ title, onClose, ...video }: VideoPlayerProps) {
  const [isLarge, setLarge] = useState(() => readPreferences().isLarge);
  const toggleLarge = useCallback(() => setLarge((was) => !was), []);
  useEffect(() => savePreferences({ isLarge }), [isLarge]);
  return (
    <PlayerFrame title={title} onClose={onClose} isLarge={isLarge} onToggleLarge={toggleLarge}>
      <PlayerContent key={video.videoId} title={title} onToggleLarge={toggleLarge} {...video} />
    </PlayerFrame>
  );
}

interface ContentProps extends Omit<VideoPlayerProps, "onClose"> {
  onToggleLarge: () => void;
}

function PlayerContent({ videoId, title, controls = "skin", ...options }: ContentProps) {
  const surface = useVideoSurface(controls);
  // A paused history stores no place: on this page, the video goes on from where it was.
  const { pagePlaceOf } = useService();
  const [pagePlaceSeconds] = useState(() => pagePlaceOf(videoId));
  const courseId = useCourseId();
  const course = useCourse(courseId);
  const status = useVideoStatus(videoId);
  const resume = useResume(videoId);
  const pending = usePendingPlace(videoId);
  const { knownStatus, knownSpans, knownDone } = useProgressCache();
  const isLate = useIsLate(status.isPending || resume.isLoading, RESPONSE_TIMEOUT_SECONDS);
  // Without a response, the status of the lists is used.
  const known = status.data ?? (status.isError || isLate ? knownStatus(videoId) : undefined);
  const readStatus = async () => {
    const { isSuccess, data } = await status.refetch();
    return isSuccess ? data : undefined;
  };
  // A failed refetch must not remove the video.
  const failure = useFailure(known ? [course] : [course, status]);

  if (failure) {
    const retry = () => {
      for (const query of [course, status]) if (query.isError) void query.refetch();
    };
    return (
      <Notice text={remedyFor(failure.error)} onRetry={retry} isRetrying={failure.isRetrying} />
    );
  }
  const material = course.data?.materials.find(({ material_id }) => material_id === videoId);
  if (!course.data || !known || (resume.isLoading && !isLate) || !surface) {
    return <PlayerSkeleton chapters={material?.chapters ?? []} />;
  }
  if (!material) return <Notice text={strings.player.missing} />;
  if (!isWebAddress(material.source_url)) return <Notice text={strings.player.noSource} />;
  const { place } = resume;
  const doneIds = knownDone(courseId);
  // The material may have been completed since, on this device or another one.
  const isNextCurrent =
    place?.source === "service" && !doneIds.includes(place.next?.material_id ?? "");
  const next = isNextCurrent
    ? place.next
    : nextUnfinished(course.data.materials, { videoId, doneIds });
  return (
    <PlayerView
      videoId={videoId}
      title={title}
      material={material}
      sourceUrl={material.source_url}
      surface={surface}
      status={resume.isLoading ? withPending(known, pending) : known}
      savedSpans={status.data?.watched_spans ?? knownSpans(videoId)}
      resume={isUnknown(place) ? null : place}
      next={next}
      readStatus={readStatus}
      initialWatchTime={options.initialWatchTime ?? pagePlaceSeconds}
      autoPlay={options.autoPlay ?? false}
      onPlayingChange={options.onPlayingChange}
      onComplete={options.onComplete}
      onOpenNext={options.onOpenNext}
      onToggleLarge={options.onToggleLarge}
    />
  );
}

/** Without service and outbox entry, the status of the lists is better than the start. */
const isUnknown = (place: ResumePlace | null) =>
  place?.source === "device" && place.reason === "start";
