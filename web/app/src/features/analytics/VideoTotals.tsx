/** The numbers of a video as a whole. */
import type { VideoAnalytics } from "progress-service-api-client";
import { analyticsStrings } from "../../analytics-strings";
import { clockTime } from "../../lib/format/time";
import { strings } from "../../strings";
import { DownloadVideoCsv } from "./DownloadCsv";
import { Figures } from "./Figures";
import { countText, hoursText, shareText } from "./format";
import { Section } from "./Section";

interface VideoTotalsProps {
  analytics: VideoAnalytics;
  cohort: string | null;
}

export function VideoTotals({ analytics, cohort }: VideoTotalsProps) {
  const { learners, min_learners, average_percentage_viewed: viewed } = analytics;
  const texts = analyticsStrings.video;
  const clock = (seconds: number | null) =>
    seconds === null ? analyticsStrings.nothing : clockTime(seconds);
  const percent = viewed === null ? analyticsStrings.nothing : strings.percent(Math.round(viewed));
  const share = (value: number | null) => shareText(value, min_learners);
  return (
    <Section heading={texts.totals}>
      <Figures
        figures={[
          { name: texts.viewers, value: countText(learners.viewers) },
          { name: texts.completed, value: countText(learners.completed) },
          { name: texts.starts, value: countText(analytics.starts) },
          { name: texts.views, value: countText(analytics.views) },
          { name: texts.watchTime, value: hoursText(analytics.watch_seconds_total) },
          { name: texts.perView, value: clock(analytics.average_watch_seconds_per_view) },
          { name: texts.perViewer, value: clock(analytics.average_watch_seconds_per_viewer) },
          { name: texts.viewed, value: percent },
          { name: texts.ofViewers, value: share(analytics.completion_rate_of_viewers) },
          { name: texts.ofEnrolled, value: share(analytics.completion_rate_of_enrolled) },
        ]}
      />
      <DownloadVideoCsv
        id={analytics.video_id}
        cohort={cohort}
        table="totals"
        caption={texts.totals}
      />
    </Section>
  );
}
