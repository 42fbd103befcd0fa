/** The course's title and how far the learner is through all of it. */
import type { CourseProgress } from "progress-service-api-client";
import { ProgressRing } from "../../components/ProgressRing";
import { strings } from "../../strings";
import styles from "./CourseHeader.module.css";

export function CourseHeader({ title, progress }: { title: string; progress: CourseProgress }) {
  const { total, completed } = progress.materials;
  return (
    <header className={styles.header}>
      <div className={styles.words}>
        <h1>{title}</h1>
        <p className={styles.done}>{strings.course.done(completed, total)}</p>
        {total > 0 && completed === total && (
          <p className={styles.allDone}>{strings.course.allDone}</p>
        )}
      </div>
      <ProgressRing percent={progress.overall_progress} label={strings.course.overall} />
    </header>
  );
}
