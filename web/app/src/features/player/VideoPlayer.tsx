/** A video that starts where the learner left and remembers where they stop. */
import { useResume } from "@progress/tracker-react";
import { Notice } from "../../components/Notice";
import { Skeleton } from "../../components/Skeleton";
import { useCourseId } from "../../lib/course-context";
import { remedyFor } from "../../lib/problem";
import { useProgressCache } from "../../lib/progress-cache";
import { useCourse, useVideoStatus } from "../../lib/queries";
import { strings } from "../../strings";
import type { NextMaterial } from "./Overlay";
import { PlayerFrame } from "./PlayerFrame";
import { PlayerStage } from "./PlayerStage";
import { type Controls, useScreen } from "./use-screen";

export interface VideoPlayerProps {
  videoId: string;
  title: string;
  onClose: () => void;
  onComplete?: () => void;
  /** Resume position in seconds; the saved place when left out. */
  initialWatchTime?: number;
  /** The skin of a library, or the browser's own controls. */
  controls?: Controls;
  /** The learner wants to go on with what follows; without it, what follows is only named. */
  onOpenNext?: (next: NextMaterial) => void;
}

export function VideoPlayer({ title, onClose, ...video }: VideoPlayerProps) {
  return (
    <PlayerFrame title={title} onClose={onClose}>
      <PlayerContent key={video.videoId} title={title} {...video} />
    </PlayerFrame>
  );
}

type ContentProps = Omit<VideoPlayerProps, "onClose">;

function PlayerContent({ videoId, title, controls = "skin", ...wishes }: ContentProps) {
  const screen = useScreen(controls);
  const course = useCourse(useCourseId());
  const status = useVideoStatus(videoId);
  const resume = useResume(videoId);
  const { knownStatus } = useProgressCache();
  // Without a connection, what the lists know has to do.
  const opened = status.data ?? (status.isError ? knownStatus(videoId) : undefined);
  const readStatus = async () => {
    const { isSuccess, data } = await status.refetch();
    return isSuccess ? data : undefined;
  };
  // A failed second reading must not take the video away.
  const failed =
    course.isError && !course.data ? course : status.isError && !opened ? status : null;

  if (failed) return <Notice text={remedyFor(failed.error)} onRetry={() => failed.refetch()} />;
  if (!course.data || !opened || resume.isLoading || !screen) {
    return (
      <div role="status" aria-label={strings.player.loading}>
        <Skeleton height="min(28rem, 56vw)" />
      </div>
    );
  }
  const material = course.data.materials.find(({ material_id }) => material_id === videoId);
  if (!material) return <Notice text={strings.player.missing} />;
  if (!material.source_url) return <Notice text={strings.player.noSource} />;
  return (
    <PlayerStage
      videoId={videoId}
      title={title}
      material={material}
      sourceUrl={material.source_url}
      screen={screen}
      status={opened}
      resume={resume.place}
      readStatus={readStatus}
      initialWatchTime={wishes.initialWatchTime}
      onComplete={wishes.onComplete}
      onOpenNext={wishes.onOpenNext}
    />
  );
}
