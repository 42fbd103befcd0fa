/** The analytics pages, composed of features: a file of its own, which only teachers download. */
import { useEffect } from "react";
import { Link } from "wouter";
import { analyticsStrings } from "../analytics-strings";
import { CourseAnalyticsPage } from "../features/analytics/CourseAnalyticsPage";
import { VideoAnalyticsPage } from "../features/analytics/VideoAnalyticsPage";
import { PlainVideo } from "../features/player/PlainVideo";
import type { AnalyticsRouteProps } from "./AnalyticsRoute";
import { courseAddress, courseAnalyticsAddress, videoAnalyticsAddress } from "./routes";

export default function AnalyticsPages({ params: { courseId, videoId } }: AnalyticsRouteProps) {
  // The link that was pressed is gone, and the page before may have been scrolled.
  useEffect(() => {
    window.scrollTo(0, 0);
    document.querySelector("main")?.focus({ preventScroll: true });
  }, []);
  const toCourse = <Link href={courseAddress(courseId)}>{analyticsStrings.toCourse}</Link>;
  if (videoId === undefined) {
    return (
      <CourseAnalyticsPage
        courseId={courseId}
        links={toCourse}
        addressOfVideo={(id) => videoAnalyticsAddress(courseId, id)}
      />
    );
  }
  return (
    <VideoAnalyticsPage
      courseId={courseId}
      videoId={videoId}
      overviewAddress={courseAnalyticsAddress(courseId)}
      renderVideo={({ title, source_url }, onElement) => (
        <PlainVideo title={title} sourceUrl={source_url} onElement={onElement} />
      )}
    />
  );
}
