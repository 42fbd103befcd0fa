/** A video that starts where the learner left and remembers where they stop. */
import type { ResumePlace } from "progress-service-tracker";
import { useResume } from "progress-service-tracker-react";
import { useCallback, useEffect, useState } from "react";
import { Notice } from "../../components/Notice";
import { useCourseId } from "../../lib/course-context";
import { remedyFor } from "../../lib/problem";
import { useProgressCache } from "../../lib/progress-cache";
import { useCourse, useVideoStatus } from "../../lib/queries";
import { isWebAddress } from "../../lib/sources";
import { useFailure } from "../../lib/use-failure";
import { useIsLate } from "../../lib/use-is-late";
import { strings } from "../../strings";
import type { NextMaterial } from "./NextUp";
import { nextUnfinished } from "./next-material";
import { PlayerFrame } from "./PlayerFrame";
import { PlayerSkeleton } from "./PlayerSkeleton";
import { PlayerStage } from "./PlayerStage";
import { readPreferences, savePreferences } from "./preferences";
import { usePendingPlace, withPending } from "./use-pending-place";
import { type Controls, useScreen } from "./use-screen";

/** So long a learner waits for the newest place; then the one that is known here has to do. */
const PATIENCE_SECONDS = 5;

export interface VideoPlayerProps {
  videoId: string;
  title: string;
  onClose: () => void;
  onComplete?: () => void;
  /**
   * Resume position in seconds; the saved place when left out. Read when the video is opened: a later
   * change moves nobody. To go elsewhere, mount the player anew with another `key`.
   */
  initialWatchTime?: number;
  /** The skin of a library, or the browser's own controls. */
  controls?: Controls;
  /** Play as soon as it stands where it starts; for videos that a learner has just asked for. */
  autoPlay?: boolean;
  /** It plays now, or not any more. */
  onPlayingChange?: (isPlaying: boolean) => void;
  /** The learner wants to go on with what follows; without it, what follows is only named. */
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

function PlayerContent({ videoId, title, controls = "skin", ...wishes }: ContentProps) {
  const screen = useScreen(controls);
  const courseId = useCourseId();
  const course = useCourse(courseId);
  const status = useVideoStatus(videoId);
  const resume = useResume(videoId);
  const pending = usePendingPlace(videoId);
  const { knownStatus, knownSpans, knownDone } = useProgressCache();
  const isLate = useIsLate(status.isPending || resume.isLoading, PATIENCE_SECONDS);
  // Without an answer, what the lists know has to do.
  const opened = status.data ?? (status.isError || isLate ? knownStatus(videoId) : undefined);
  const readStatus = async () => {
    const { isSuccess, data } = await status.refetch();
    return isSuccess ? data : undefined;
  };
  // A failed second reading must not take the video away.
  const failure = useFailure(opened ? [course] : [course, status]);

  if (failure) {
    const retry = () => {
      for (const query of [course, status]) if (query.isError) void query.refetch();
    };
    return (
      <Notice text={remedyFor(failure.error)} onRetry={retry} isRetrying={failure.isRetrying} />
    );
  }
  const material = course.data?.materials.find(({ material_id }) => material_id === videoId);
  if (!course.data || !opened || (resume.isLoading && !isLate) || !screen) {
    return <PlayerSkeleton chapters={material?.chapters ?? []} />;
  }
  if (!material) return <Notice text={strings.player.missing} />;
  if (!isWebAddress(material.source_url)) return <Notice text={strings.player.noSource} />;
  const { place } = resume;
  const doneIds = knownDone(courseId);
  // What the service named may have been done since, on this device or another one.
  const isAdviceGood =
    place?.source === "service" && !doneIds.includes(place.next?.material_id ?? "");
  const next = isAdviceGood
    ? place.next
    : nextUnfinished(course.data.materials, { videoId, doneIds });
  return (
    <PlayerStage
      videoId={videoId}
      title={title}
      material={material}
      sourceUrl={material.source_url}
      screen={screen}
      status={resume.isLoading ? withPending(opened, pending) : opened}
      savedSpans={status.data?.watched_spans ?? knownSpans(videoId)}
      resume={isUnknown(place) ? null : place}
      next={next}
      readStatus={readStatus}
      initialWatchTime={wishes.initialWatchTime}
      autoPlay={wishes.autoPlay ?? false}
      onPlayingChange={wishes.onPlayingChange}
      onComplete={wishes.onComplete}
      onOpenNext={wishes.onOpenNext}
      onToggleLarge={wishes.onToggleLarge}
    />
  );
}

/** Out of reach, and nothing in the outbox: what the lists know is better then than the start. */
const isUnknown = (place: ResumePlace | null) =>
  place?.source === "device" && place.reason === "start";
