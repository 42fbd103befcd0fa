/** Retention and plays along the video, with its marks and the playhead. */
import type { VideoAnalytics } from "progress-service-api-client";
import { memo, type ReactNode, useMemo } from "react";
import { analyticsStrings as texts } from "../../../analytics-strings";
import { clockTime } from "../../../lib/format/time";
import { strings } from "../../../strings";
import { Chart, ticksOf } from "../charts/Chart";
import chartStyles from "../charts/Chart.module.css";
import { areaPath, BOX, barsOf, countTicks, linePath, percentOf, timeTicks } from "../charts/scale";
import { shareText, wholeText } from "../format";
import { Marks } from "./Marks";
import { Playhead } from "./Playhead";
import type { Point } from "./points";
import styles from "./Timeline.module.css";

interface TimelineProps {
  analytics: VideoAnalytics;
  points: readonly Point[];
  video: HTMLVideoElement | null;
  onSeek: (seconds: number) => void;
}

const QUARTERS = [0, 0.25, 0.5, 0.75, 1];

export function Timeline({ analytics, points, video, onSeek }: TimelineProps) {
  const { curves, duration_seconds } = analytics;
  const durationSeconds = duration_seconds ?? curves.part_seconds * curves.heat.length;
  const playhead = useMemo(
    () => <Playhead video={video} durationSeconds={durationSeconds} />,
    [video, durationSeconds],
  );
  return (
    <div>
      <Marks points={points} durationSeconds={durationSeconds} onSelect={onSeek} />
      <RetentionChart
        analytics={analytics}
        points={points}
        durationSeconds={durationSeconds}
        overlay={playhead}
      />
      <PlaysChart
        analytics={analytics}
        points={points}
        durationSeconds={durationSeconds}
        overlay={playhead}
      />
      <ul className={styles.legend}>
        <li>{texts.video.first}</li>
        <li data-series="replays">{texts.video.replays}</li>
      </ul>
    </div>
  );
}

interface CurveProps {
  analytics: VideoAnalytics;
  points: readonly Point[];
  durationSeconds: number;
  overlay: ReactNode;
}

const RetentionChart = memo(function RetentionChart(props: CurveProps) {
  const { analytics, points, durationSeconds, overlay } = props;
  const { retention } = analytics.curves;
  const shareOf = (share = 0) => shareText(share, analytics.min_learners);
  return (
    <>
      <h3>{texts.video.retention}</h3>
      <Chart
        label={texts.video.retentionLabel(shareOf(retention[0]), shareOf(retention.at(-1)))}
        yTicks={ticksOf(QUARTERS, 1, (share) => strings.percent(100 * share))}
        xTicks={ticksOf(timeTicks(durationSeconds), durationSeconds, clockTime)}
        overlay={overlay}
      >
        <path className={chartStyles.area} d={areaPath(retention, 1)} />
        <path className={chartStyles.line} d={linePath(retention, 1)} />
        <MarkerLines points={points} durationSeconds={durationSeconds} />
      </Chart>
    </>
  );
});

const PlaysChart = memo(function PlaysChart(props: CurveProps) {
  const { analytics, points, durationSeconds, overlay } = props;
  const { heat, replays, part_seconds } = analytics.curves;
  const first = firstPlays(analytics.curves);
  const ticks = countTicks(Math.max(...heat));
  const most = ticks.at(-1) ?? 1;
  const hottest = heat.indexOf(Math.max(...heat));
  return (
    <>
      <h3>{texts.video.plays}</h3>
      <Chart
        label={texts.video.playsLabel(heat[hottest] ?? 0, clockTime(hottest * part_seconds))}
        yTicks={ticksOf(ticks, most, wholeText)}
        xTicks={ticksOf(timeTicks(durationSeconds), durationSeconds, clockTime)}
        height="low"
        overlay={overlay}
      >
        {barsOf(first, { most }).map((bar) => (
          <rect key={bar.x} className={chartStyles.bar} data-series="first" {...bar} />
        ))}
        {barsOf(replays, { most, below: first }).map((bar) => (
          <rect key={bar.x} className={chartStyles.bar} data-series="replays" {...bar} />
        ))}
        <MarkerLines points={points} durationSeconds={durationSeconds} />
      </Chart>
    </>
  );
});

/** The plays of each part that are no replay. */
export function firstPlays({ heat, replays }: VideoAnalytics["curves"]): number[] {
  return heat.map((plays, part) => plays - (replays[part] ?? 0));
}

interface MarkerLinesProps {
  points: readonly Point[];
  durationSeconds: number;
}

function MarkerLines({ points, durationSeconds }: MarkerLinesProps) {
  return points.map(({ kind, label, atSeconds }) => {
    const x = percentOf(atSeconds, durationSeconds);
    return (
      <line key={label} className={styles.marker} data-kind={kind} x1={x} x2={x} y1={0} y2={BOX} />
    );
  });
}
