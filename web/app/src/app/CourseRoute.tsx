/** Puts the shelf and the player into the course page; the address says which course and video. */
import { useState } from "react";
import { useLocation } from "wouter";
import { ContinueWatching } from "../features/continue-watching/ContinueWatching";
import { useContinueWatching } from "../features/continue-watching/queries";
import { CourseDetailPage } from "../features/course/CourseDetailPage";
import { focusMaterial } from "../features/course/use-return-focus";
import { ContinueHere } from "../features/live/ContinueHere";
import { useLivePage } from "../features/live/use-live-page";
import { KeepVideos } from "../features/offline/KeepVideos";
import type { NextMaterial } from "../features/player/Overlay";
import { VideoPlayer } from "../features/player/VideoPlayer";
import { useCourse } from "../lib/queries";
import { courseAddress, videoAddress } from "./routes";

interface CourseRouteProps {
  params: { courseId: string; videoId?: string };
}

export function CourseRoute({ params }: CourseRouteProps) {
  const { courseId, videoId = null } = params;
  const [, goTo] = useLocation();
  const { isPending: isShelfPending } = useContinueWatching();
  const materials = useCourse(courseId).data?.materials ?? [];
  /** Where another device is, for the one video that was taken over from it. */
  const [takenOver, setTakenOver] = useState<{ videoId: string; seconds: number } | null>(null);
  useLivePage();

  const open = (address: string) => {
    setTakenOver(null);
    goTo(address);
  };
  const openNext = ({ material_id, type }: NextMaterial) => {
    if (type === "video") return open(videoAddress(courseId, material_id));
    open(courseAddress(courseId));
    focusMaterial(material_id);
  };
  const takeOver = (id: string, seconds: number) => {
    setTakenOver({ videoId: id, seconds });
    goTo(videoAddress(courseId, id));
  };
  const startOf = (id: string) => (takenOver?.videoId === id ? takenOver.seconds : undefined);

  return (
    <>
      <CourseDetailPage
        key={courseId}
        courseId={courseId}
        selectedVideoId={videoId}
        isWaiting={isShelfPending}
        onSelectVideo={(chosen) => open(videoAddress(courseId, chosen))}
        shelf={
          <ContinueWatching
            onOpen={(card) => open(videoAddress(card.course_id, card.material_id))}
          />
        }
        renderSide={(course) => <KeepVideos course={course} />}
        renderPlayer={(video) => (
          <VideoPlayer
            key={startOf(video.material_id)}
            videoId={video.material_id}
            title={video.title}
            initialWatchTime={startOf(video.material_id)}
            onClose={() => open(courseAddress(courseId))}
            onOpenNext={openNext}
          />
        )}
      />
      <ContinueHere
        titleOf={(id) => materials.find(({ material_id }) => material_id === id)?.title}
        onContinue={takeOver}
      />
    </>
  );
}
