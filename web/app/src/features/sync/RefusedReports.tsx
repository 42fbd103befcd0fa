/** Says what was kept on this device and is not saved, why, and what helps. */

import { useQueryClient } from "@tanstack/react-query";
import type { Course } from "progress-service-api-client";
import type { Rejection } from "progress-service-tracker";
import { Notice } from "../../components/Notice";
import { useService } from "../../lib/service";
import { strings } from "../../strings";
import styles from "./RefusedReports.module.css";

export function RefusedReports() {
  const { refused, forgetRefused } = useService();
  const queryClient = useQueryClient();
  if (refused.length === 0) return null;
  const courses = queryClient.getQueriesData<Course>({ queryKey: ["course"] });
  const materials = courses.flatMap(([, course]) => course?.materials ?? []);
  const titleOf = (videoId: string) =>
    materials.find(({ material_id }) => material_id === videoId)?.title ?? videoId;
  const lines = refused.map((one) => strings.refused.line(titleOf(one.videoId), remedyFor(one)));
  return (
    <div className={styles.refused}>
      <Notice
        heading={strings.refused.heading}
        text={[...new Set(lines)].join(" ")}
        onDismiss={forgetRefused}
      />
    </div>
  );
}

function remedyFor({ code, retry }: Rejection): string {
  if (retry) return strings.refused.kept;
  const remedies: Partial<Record<string, string>> = strings.refused.remedies;
  return remedies[code] ?? strings.refused.other;
}
