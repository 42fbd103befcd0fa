/** Puts the shelf and the player into the course page; the address says which course and video. */

import type { Material } from "progress-service-api-client";
import { useCallback, useEffect, useState } from "react";
import { Link, useLocation } from "wouter";
import { ContinueWatching } from "../features/continue-watching/ContinueWatching";
import { useContinueWatching } from "../features/continue-watching/queries";
import { CourseDetailPage } from "../features/course/CourseDetailPage";
import { focusMaterial } from "../features/course/use-return-focus";
import { ContinueHere } from "../features/live/ContinueHere";
import { useLivePage } from "../features/live/use-live-page";
import { KeepVideo } from "../features/offline/KeepVideo";
import { KeepVideos } from "../features/offline/KeepVideos";
import type { NextMaterial } from "../features/player/NextUp";
import { VideoPlayer } from "../features/player/VideoPlayer";
import { useCourse } from "../lib/queries";
import { useService } from "../lib/service";
import { useIsLate } from "../lib/use-is-late";
import { strings } from "../strings";
import { courseAddress, HOME, videoAddress } from "./routes";

/** So long the course waits for the shelf above it, which would push it down. */
const SHELF_PATIENCE_SECONDS = 2;

/** Made once: a row of the list is drawn again only when something about it changed. */
const keepAction = (video: Material) => <KeepVideo video={video} />;

interface CourseRouteProps {
  params: { courseId: string; videoId?: string };
}

/** A video that the learner has asked for on this page; by an address alone, there is none. */
interface Asked {
  videoId: string;
  /** The id of the control that was used, if it stays on the page. */
  openedBy?: string;
  /** Where another device is, from which it was taken over. */
  fromSeconds?: number;
}

export function CourseRoute({ params }: CourseRouteProps) {
  const { courseId, videoId = null } = params;
  const [, goTo] = useLocation();
  const { isPreview } = useService();
  const { isPending: isShelfPending } = useContinueWatching();
  const isShelfLate = useIsLate(isShelfPending, SHELF_PATIENCE_SECONDS);
  const materials = useCourse(courseId).data?.materials ?? [];
  const [asked, setAsked] = useState<Asked | null>(null);
  const [isPlaying, setPlaying] = useState(false);
  useLivePage(videoId);
  // After the page has put the keyboard back; what is opened by the browser's history later is not
  // asked for any more.
  useEffect(() => {
    if (!videoId) setAsked(null);
  }, [videoId]);

  const open = useCallback(
    (chosenCourseId: string, chosen: Asked) => {
      setAsked(chosen);
      goTo(videoAddress(chosenCourseId, chosen.videoId));
    },
    [goTo],
  );
  const select = useCallback(
    (id: string, openedBy: string) => open(courseId, { videoId: id, openedBy }),
    [open, courseId],
  );
  const close = () => goTo(courseAddress(courseId));
  const openNext = ({ material_id, type }: NextMaterial) => {
    if (type === "video") return open(courseId, { videoId: material_id });
    close();
    focusMaterial(material_id);
  };
  const askedFor = (id: string) => (asked?.videoId === id ? asked : null);

  return (
    <>
      <CourseDetailPage
        key={courseId}
        courseId={courseId}
        selectedVideoId={videoId}
        openedBy={asked?.openedBy ?? null}
        isPlaying={isPlaying}
        isWaiting={isShelfPending && !isShelfLate && !isPreview}
        onSelectVideo={select}
        shelf={
          !isPreview && (
            <ContinueWatching
              onOpen={({ course_id, material_id }, openedBy) =>
                open(course_id, { videoId: material_id, openedBy })
              }
            />
          )
        }
        wayOut={<Link href={HOME}>{strings.notFound.link}</Link>}
        renderSide={(course) => <KeepVideos course={course} />}
        renderVideoAction={keepAction}
        renderPlayer={({ material_id, title }) => (
          <VideoPlayer
            key={askedFor(material_id)?.fromSeconds}
            videoId={material_id}
            title={title}
            initialWatchTime={askedFor(material_id)?.fromSeconds}
            autoPlay={askedFor(material_id) !== null}
            onPlayingChange={setPlaying}
            onClose={close}
            onOpenNext={openNext}
          />
        )}
      />
      <ContinueHere
        videoOf={(id) => materials.find(({ material_id }) => material_id === id)}
        onContinue={(id, fromSeconds) => open(courseId, { videoId: id, fromSeconds })}
      />
    </>
  );
}
