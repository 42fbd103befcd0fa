/** The numbers of a video as tables and files. */
import type { VideoAnalytics } from "progress-service-api-client";
import { analyticsStrings as texts } from "../../analytics-strings";
import { clockTime } from "../../lib/format/time";
import { DataTable } from "./DataTable";
import { DownloadVideoCsv } from "./DownloadCsv";
import { shareText, wholeText } from "./format";
import { firstPlays } from "./timeline/Timeline";

interface VideoTableProps {
  analytics: VideoAnalytics;
  cohort: string | null;
}

/** One row for each part of the curves. */
export function CurvesTable({ analytics, cohort }: VideoTableProps) {
  const { curves, min_learners, video_id } = analytics;
  const { columns, video } = texts;
  const first = firstPlays(curves);
  const shareOf = (shares: readonly number[]) => (part: number) =>
    shareText(shares[part] ?? null, min_learners);
  const countOf = (counts: readonly number[]) => (part: number) => wholeText(counts[part] ?? 0);
  const seconds = curves.part_seconds;
  return (
    <DataTable
      caption={video.timeline}
      columns={[
        {
          heading: columns.part,
          textOf: (part) =>
            `${partTime(part * seconds, seconds)}–${partTime((part + 1) * seconds, seconds)}`,
        },
        { heading: columns.retention, textOf: shareOf(curves.retention) },
        { heading: columns.first, textOf: countOf(first) },
        { heading: columns.replays, textOf: countOf(curves.replays) },
        { heading: columns.survival, textOf: shareOf(curves.survival) },
        { heading: columns.exits, textOf: shareOf(curves.exits) },
      ]}
      rows={[...curves.heat.keys()]}
      download={
        <DownloadVideoCsv id={video_id} cohort={cohort} table="curves" caption={video.timeline} />
      }
    />
  );
}

/** Whole seconds name the parts of a long video; those of a short one begin in between. */
function partTime(seconds: number, partSeconds: number): string {
  if (Number.isInteger(partSeconds) || partSeconds >= 2) return clockTime(seconds);
  const tenths = Math.round(seconds * 10);
  return `${clockTime(Math.floor(tenths / 10))}.${tenths % 10}`;
}
