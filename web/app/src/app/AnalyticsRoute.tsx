/** The analytics of a course or a video, for teachers: loaded when one of them opens it. */
import { lazy, Suspense } from "react";
import { Notice } from "../components/Notice";
import { Skeleton } from "../components/Skeleton";
import { useService } from "../lib/api/service";
import { strings } from "../strings";

export interface AnalyticsRouteProps {
  params: { courseId: string; videoId?: string };
}

// Without the file, the page says so. A new version of the app, which has another file, is offered
// above it.
const AnalyticsPages = lazy(() =>
  import("./AnalyticsPages").catch(() => ({ default: AnalyticsNotLoaded })),
);

export function AnalyticsRoute({ params }: AnalyticsRouteProps) {
  const { isPreview } = useService();
  if (!isPreview) return <Notice text={strings.teacher.analyticsOnly} />;
  return (
    <Suspense fallback={<AnalyticsSkeleton />}>
      <AnalyticsPages key={`${params.courseId} ${params.videoId}`} params={params} />
    </Suspense>
  );
}

function AnalyticsNotLoaded(_: AnalyticsRouteProps) {
  return <Notice text={strings.teacher.analyticsNotLoaded} onRetry={() => location.reload()} />;
}

function AnalyticsSkeleton() {
  return (
    <div role="status" aria-label={strings.teacher.analyticsLoading}>
      <Skeleton height="20rem" />
    </div>
  );
}
