/** A video in numbers: where learners watch, leave and replay, beside the video itself. */
import type { Material, VideoAnalytics } from "progress-service-api-client";
import { type ReactNode, useCallback, useEffect, useMemo, useState } from "react";
import { Link } from "wouter";
import { analyticsStrings as texts } from "../../analytics-strings";
import { useCourse } from "../../lib/api/queries";
import { clockTime } from "../../lib/format/time";
import styles from "./Analytics.module.css";
import { AnalyticsHeader } from "./AnalyticsHeader";
import { AnalyticsState } from "./AnalyticsState";
import { DownloadVideoCsv } from "./DownloadCsv";
import { useVideoAnalytics } from "./queries";
import { Section } from "./Section";
import { SuppressedNote } from "./SuppressedNote";
import { PointList } from "./timeline/PointList";
import { type Point, pointsOf } from "./timeline/points";
import { Timeline } from "./timeline/Timeline";
import { useCaptions } from "./timeline/use-captions";
import { useCohort, withCohort } from "./use-cohort";
import { CurvesTable } from "./VideoTables";
import { VideoTotals } from "./VideoTotals";

const POINT_TABLES = { dropOff: "drop_offs", peak: "replay_peaks" } as const;

type OnElement = (video: HTMLVideoElement | null) => void;

interface VideoAnalyticsPageProps {
  courseId: string;
  videoId: string;
  overviewAddress: string;
  /** Shows the video, without recording anything about it. */
  renderVideo: (material: Material, onElement: OnElement) => ReactNode;
}

export function VideoAnalyticsPage(props: VideoAnalyticsPageProps) {
  const { courseId, videoId, overviewAddress, renderVideo } = props;
  const choice = useCohort();
  const query = useVideoAnalytics(videoId, choice.cohort);
  const materials = useCourse(courseId).data?.materials;
  const material = materials?.find(({ material_id }) => material_id === videoId);
  const [video, setVideo] = useState<HTMLVideoElement | null>(null);
  const title = query.data?.title;
  useEffect(() => {
    if (title) document.title = texts.title(title);
  }, [title]);
  return (
    <AnalyticsState query={query} missing={texts.problem.noVideo}>
      {(analytics) => (
        <>
          <AnalyticsHeader
            title={analytics.title}
            links={
              <Link href={withCohort(overviewAddress, choice.cohort)}>{texts.toOverview}</Link>
            }
            release={analytics}
            choice={choice}
          />
          <Content
            analytics={analytics}
            cohort={choice.cohort}
            picture={material && renderVideo(material, setVideo)}
            video={video}
          />
        </>
      )}
    </AnalyticsState>
  );
}

interface ContentProps {
  analytics: VideoAnalytics;
  cohort: string | null;
  picture: ReactNode;
  video: HTMLVideoElement | null;
}

function Content({ analytics, cohort, picture, video }: ContentProps) {
  const { curves, learners, min_learners, suppressed } = analytics;
  const points = useMemo(() => pointsOf(analytics), [analytics]);
  const { soughtSeconds, seek } = useSeek(video);
  const hasNumbers = !suppressed && learners.viewers !== 0 && curves.heat.length > 0;
  return (
    <div className={styles.columns} data-look="video">
      <Section heading={texts.video.timeline} lead={hasNumbers ? texts.video.timelineLead : ""}>
        {picture}
        {suppressed && <SuppressedNote text={texts.suppressed.video(min_learners)} />}
        {learners.viewers === 0 && <p className={styles.note}>{texts.empty.nobodyWatched}</p>}
        {hasNumbers && (
          <>
            <Timeline analytics={analytics} points={points} video={video} onSeek={seek} />
            <CurvesTable analytics={analytics} cohort={cohort} />
          </>
        )}
        <p className="visually-hidden" role="status">
          {soughtSeconds !== null && texts.video.position(clockTime(soughtSeconds))}
        </p>
      </Section>
      {hasNumbers && (
        <div className={styles.page}>
          <Points
            analytics={analytics}
            cohort={cohort}
            points={points}
            video={video}
            onSelect={seek}
          />
          <VideoTotals analytics={analytics} cohort={cohort} />
        </div>
      )}
    </div>
  );
}

interface PointsProps extends Omit<ContentProps, "picture"> {
  points: readonly Point[];
  onSelect: (seconds: number) => void;
}

function Points({ analytics, cohort, points, video, onSelect }: PointsProps) {
  const cues = useCaptions(video);
  return (
    <Section heading={texts.points.heading}>
      <PointList
        points={points}
        cues={cues}
        partSeconds={analytics.curves.part_seconds}
        onSelect={onSelect}
        renderDownload={(kind) => (
          <DownloadVideoCsv
            id={analytics.video_id}
            cohort={cohort}
            table={POINT_TABLES[kind]}
            caption={texts.points[kind]}
          />
        )}
      />
    </Section>
  );
}

/** Goes to a place of the video, and brings it into view. */
function useSeek(video: HTMLVideoElement | null) {
  const [soughtSeconds, setSought] = useState<number | null>(null);
  const seek = useCallback(
    (seconds: number) => {
      if (!video) return;
      video.currentTime = seconds;
      video.scrollIntoView({ block: "nearest" });
      setSought(seconds);
    },
    [video],
  );
  return { soughtSeconds, seek };
}
