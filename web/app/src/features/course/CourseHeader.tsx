/** The title of the course, its progress, and the time left. */
import type { CourseProgress } from "progress-service-api-client";
import { ProgressRing } from "../../components/ProgressRing";
import { strings } from "../../strings";
import styles from "./CourseHeader.module.css";

interface CourseHeaderProps {
  title: string;
  progress: CourseProgress;
  /** Of the videos that are not completed. */
  secondsLeft: number;
  /** A teacher views the course, without progress. */
  isPreview: boolean;
}

export function CourseHeader({ title, progress, secondsLeft, isPreview }: CourseHeaderProps) {
  const { total, completed } = progress.materials;
  return (
    <header className={styles.header}>
      <div className={styles.words}>
        <h1 dir="auto">{title}</h1>
        {isPreview ? (
          <p className={styles.done}>{strings.course.preview}</p>
        ) : (
          <p className={styles.done}>
            <span>{strings.course.done(completed, total)}</span>
            {secondsLeft > 0 && <span>{strings.course.left(secondsLeft)}</span>}
          </p>
        )}
        {!isPreview && total > 0 && completed === total && (
          <p className={styles.allDone}>{strings.course.allDone}</p>
        )}
      </div>
      {!isPreview && (
        <ProgressRing percent={progress.overall_progress} label={strings.course.overall} />
      )}
    </header>
  );
}
