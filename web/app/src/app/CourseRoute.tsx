/** The course page with the shelf and the player; the address has the course and the video. */
import type { Material } from "progress-service-api-client";
import { useCallback, useEffect, useState } from "react";
import { Link, useLocation } from "wouter";
import { ContinueWatching } from "../features/continue-watching/ContinueWatching";
import { useContinueWatching } from "../features/continue-watching/queries";
import { CourseDetailPage } from "../features/course/CourseDetailPage";
import { focusMaterial } from "../features/course/use-return-focus";
import { ContinueHere } from "../features/live/ContinueHere";
import { useLivePage } from "../features/live/use-live-page";
import { DownloadVideo } from "../features/offline/DownloadVideo";
import { DownloadVideos } from "../features/offline/DownloadVideos";
import type { NextMaterial } from "../features/player/next-up/NextUp";
import { VideoPlayer } from "../features/player/VideoPlayer";
import { useCourse } from "../lib/api/queries";
import { useService } from "../lib/api/service";
import { useIsLate } from "../lib/state/use-is-late";
import { strings } from "../strings";
import { courseAddress, courseAnalyticsAddress, HOME, videoAddress } from "./routes";

/** The longest that the course waits for the shelf above it, which would push it down. */
const SHELF_TIMEOUT_SECONDS = 2;

/** Created once: a row of the list renders again only when something about it changed. */
const renderDownload = (video: Material) => <DownloadVideo video={video} />;

interface CourseRouteProps {
  params: { courseId: string; videoId?: string };
}

/** A video that the learner opened on this page, not by its address. */
interface OpenedVideo {
  videoId: string;
  /** The id of the control that opened it, if it stays on the page. */
  openedBy?: string;
  /** The place of the other device that it continues. */
  fromSeconds?: number;
}

export function CourseRoute({ params }: CourseRouteProps) {
  const { courseId, videoId = null } = params;
  const [, goTo] = useLocation();
  const { isPreview } = useService();
  const { isPending: isShelfPending } = useContinueWatching();
  const isShelfLate = useIsLate(isShelfPending, SHELF_TIMEOUT_SECONDS);
  const materials = useCourse(courseId).data?.materials ?? [];
  const [opened, setOpened] = useState<OpenedVideo | null>(null);
  const [isPlaying, setPlaying] = useState(false);
  useLivePage(videoId);
  // After the page has restored the focus. A video that the browser's history opens later is not
  // opened by the learner.
  useEffect(() => {
    if (!videoId) setOpened(null);
  }, [videoId]);

  const open = useCallback(
    (chosenCourseId: string, chosen: OpenedVideo) => {
      setOpened(chosen);
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
  const openedVideo = (id: string) => (opened?.videoId === id ? opened : null);

  return (
    <>
      <CourseDetailPage
        key={courseId}
        courseId={courseId}
        selectedVideoId={videoId}
        openedBy={opened?.openedBy ?? null}
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
        fallbackLink={<Link href={HOME}>{strings.notFound.link}</Link>}
        renderSide={(course) => (
          <>
            {isPreview && (
              <Link href={courseAnalyticsAddress(courseId)}>
                {strings.teacher.analyticsOf(course.title)}
              </Link>
            )}
            <DownloadVideos course={course} />
          </>
        )}
        renderVideoAction={renderDownload}
        renderPlayer={({ material_id, title }) => (
          <VideoPlayer
            key={openedVideo(material_id)?.fromSeconds}
            videoId={material_id}
            title={title}
            initialWatchTime={openedVideo(material_id)?.fromSeconds}
            autoPlay={openedVideo(material_id) !== null}
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
