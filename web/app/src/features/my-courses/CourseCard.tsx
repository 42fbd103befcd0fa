/** One course of the learner: its title, its progress, and when it was last watched. */
import type { MyCourse } from "progress-service-api-client";
import { Link } from "wouter";
import { ProgressRing } from "../../components/ProgressRing";
import { strings } from "../../strings";
import styles from "./MyCoursesPage.module.css";

const MS_PER_SECOND = 1000;

export function CourseCard({ course, address }: { course: MyCourse; address: string }) {
  const { title, materials, overall_progress, last_watched } = course;
  const isDone = materials.total > 0 && materials.completed === materials.total;
  return (
    <article className={styles.card}>
      <div className={styles.words}>
        <h3>
          <Link className={styles.open} href={address} dir="auto">
            {title}
          </Link>
        </h3>
        <p className={styles.about} data-done={isDone || undefined}>
          {isDone
            ? strings.course.allDone
            : strings.course.done(materials.completed, materials.total)}
        </p>
        <p className={styles.about}>
          {last_watched
            ? strings.myCourses.lastWatched(strings.ago(secondsSince(last_watched)))
            : strings.myCourses.notBegun}
        </p>
      </div>
      <ProgressRing
        percent={overall_progress}
        label={strings.myCourses.progress(title)}
        size="small"
      />
    </article>
  );
}

function secondsSince(time: string): number {
  return Math.max(0, (Date.now() - Date.parse(time)) / MS_PER_SECOND);
}
