/** The button that downloads a table, for a course and for a video. */
import type { CourseAnalyticsTable, VideoAnalyticsTable } from "progress-service-api-client";
import { analyticsStrings as texts } from "../../analytics-strings";
import { Button } from "../../components/Button";
import type { ApiResult } from "../../lib/api/problem";
import { useService } from "../../lib/api/service";
import styles from "./DownloadCsv.module.css";
import { useDownload } from "./use-download";

const CSV = { headers: { Accept: "text/csv" }, parseAs: "text" } as const;

interface DownloadProps<Table> {
  /** Of the course or the video. */
  id: string;
  cohort: string | null;
  table: Table;
  /** What the table has, for the name of the button. */
  caption: string;
}

export function DownloadCourseCsv(props: DownloadProps<CourseAnalyticsTable>) {
  const { client } = useService();
  const { id, cohort, table } = props;
  const read = () =>
    client.GET("/api/progress/analytics/course/{course_id}", {
      ...CSV,
      params: { path: { course_id: id }, query: { table, ...(cohort && { cohort }) } },
    });
  return <DownloadButton {...props} read={read} />;
}

export function DownloadVideoCsv(props: DownloadProps<VideoAnalyticsTable>) {
  const { client } = useService();
  const { id, cohort, table } = props;
  const read = () =>
    client.GET("/api/progress/analytics/video/{video_id}", {
      ...CSV,
      params: { path: { video_id: id }, query: { table, ...(cohort && { cohort }) } },
    });
  return <DownloadButton {...props} read={read} />;
}

interface DownloadButtonProps extends DownloadProps<string> {
  read: () => Promise<ApiResult<string>>;
}

function DownloadButton({ id, cohort, table, caption, read }: DownloadButtonProps) {
  const name = [id, table, cohort].filter(Boolean).join("-");
  const download = useDownload(`${name.replace(/[^\w.-]/g, "_")}.csv`, read);
  return (
    <div className={styles.box}>
      <Button
        onClick={download.start}
        isBusy={download.isLoading}
        aria-label={texts.table.csvOf(caption)}
      >
        {texts.table.csv}
      </Button>
      <p className={styles.failed} role="status">
        {download.hasFailed && texts.table.failed}
      </p>
    </div>
  );
}
