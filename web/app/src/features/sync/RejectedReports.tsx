/** Lists the stored reports that the service has rejected, with the reason and the remedy. */
import { useQueryClient } from "@tanstack/react-query";
import type { Course } from "progress-service-api-client";
import type { Rejection } from "progress-service-tracker";
import { Notice } from "../../components/Notice";
import { queryKeys } from "../../lib/api/query-keys";
import { useService } from "../../lib/api/service";
import { strings } from "../../strings";
import styles from "./RejectedReports.module.css";

/** The report is from before the data of the learner was erased. */
const ERASED = "erased";

export function RejectedReports() {
  const { rejections, dismissRejections } = useService();
  const queryClient = useQueryClient();
  if (rejections.length === 0) return null;
  const courses = queryClient.getQueriesData<Course>({ queryKey: queryKeys.courses });
  const materials = courses.flatMap(([, course]) => course?.materials ?? []);
  const titleOf = (videoId: string) =>
    materials.find(({ material_id }) => material_id === videoId)?.title ?? videoId;
  const lines = rejections.map((one) =>
    one.code === ERASED
      ? strings.erased.late
      : strings.rejected.line(titleOf(one.videoId), remedyFor(one)),
  );
  const isErasedOnly = rejections.every(({ code }) => code === ERASED);
  return (
    <div className={styles.box}>
      <Notice
        heading={isErasedOnly ? strings.erased.heading : strings.rejected.heading}
        text={[...new Set(lines)].join(" ")}
        onDismiss={dismissRejections}
      />
    </div>
  );
}

function remedyFor({ code, retry }: Rejection): string {
  if (retry) return strings.rejected.retried;
  const remedies: Partial<Record<string, string>> = strings.rejected.remedies;
  return remedies[code] ?? strings.rejected.other;
}
