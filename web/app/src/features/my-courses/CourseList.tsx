/** A page with a list of courses: while it loads, when it fails, when it is empty. */
import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { Notice } from "../../components/Notice";
import { Skeleton } from "../../components/Skeleton";
import { remedyFor } from "../../lib/api/problem";
import { strings } from "../../strings";
import styles from "./MyCoursesPage.module.css";

interface CourseListProps<Course> {
  courses: Pick<UseQueryResult<Course[]>, "data" | "error" | "isFetching" | "refetch">;
  heading: string;
  /** What a user without a course sees. */
  empty: { heading: string; remedy: string };
  /** Something else is loading, and would push this down. */
  isWaiting?: boolean | undefined;
  children: (courses: Course[]) => ReactNode;
}

export function CourseList<Course>(props: CourseListProps<Course>) {
  const { courses, heading, empty, isWaiting, children } = props;
  useEffect(() => {
    document.title = strings.myCourses.title;
  }, []);
  if (!courses.data && courses.error) {
    return (
      <Notice
        heading={strings.problem.heading}
        text={remedyFor(courses.error)}
        onRetry={() => void courses.refetch()}
        isRetrying={courses.isFetching}
      />
    );
  }
  if (!courses.data || isWaiting) {
    return (
      <div className={styles.page} role="status" aria-label={strings.myCourses.loading}>
        <Skeleton height="3rem" />
        <Skeleton height="16rem" />
      </div>
    );
  }
  return (
    <div className={styles.page}>
      <h1>{heading}</h1>
      {courses.data.length === 0 ? (
        <div className={styles.empty}>
          <p className={styles.emptyHeading}>{empty.heading}</p>
          <p>{empty.remedy}</p>
        </div>
      ) : (
        children(courses.data)
      )}
    </div>
  );
}
