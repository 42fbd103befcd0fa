/** The placeholder of the course page, as tall as the page. */
import { Skeleton } from "../../components/Skeleton";
import { strings } from "../../strings";
import styles from "./CourseDetailPage.module.css";

export function CourseSkeleton() {
  return (
    <div className={styles.main} role="status" aria-label={strings.course.loading}>
      <Skeleton height="10.5rem" />
      <div className={styles.columns}>
        <Skeleton height="26rem" />
        <Skeleton height="20rem" />
      </div>
    </div>
  );
}
