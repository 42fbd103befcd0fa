/** The start page of a learner with several courses: what to continue, and all courses. */
import type { MyCourse } from "progress-service-api-client";
import { type ReactNode, useEffect, useId, useState } from "react";
import { Icon } from "../../components/Icon";
import { Notice } from "../../components/Notice";
import { Skeleton } from "../../components/Skeleton";
import { remedyFor } from "../../lib/api/problem";
import { useMyCourses } from "../../lib/api/queries";
import { strings } from "../../strings";
import { CourseCard } from "./CourseCard";
import styles from "./MyCoursesPage.module.css";

/** Up to this many courses need no search. */
const SEARCH_ABOVE = 8;

interface MyCoursesPageProps {
  addressOf: (courseId: string) => string;
  shelf?: ReactNode;
  /** The shelf is loading, and would push this down. */
  isWaiting?: boolean;
}

export function MyCoursesPage({ addressOf, shelf, isWaiting }: MyCoursesPageProps) {
  const courses = useMyCourses();
  useEffect(() => {
    document.title = strings.myCourses.title;
  }, []);
  if (!courses.data && courses.isError) {
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
      <h1>{strings.myCourses.heading}</h1>
      {courses.data.length === 0 ? (
        <div className={styles.empty}>
          <p className={styles.emptyHeading}>{strings.myCourses.empty}</p>
          <p>{strings.myCourses.emptyRemedy}</p>
        </div>
      ) : (
        <>
          {shelf}
          <CourseCards courses={courses.data} addressOf={addressOf} />
        </>
      )}
    </div>
  );
}

interface CourseCardsProps {
  courses: readonly MyCourse[];
  addressOf: (courseId: string) => string;
}

function CourseCards({ courses, addressOf }: CourseCardsProps) {
  const headingId = useId();
  const [search, setSearch] = useState("");
  const words = search.toLocaleLowerCase().split(/\s+/);
  const found = courses.filter(({ title }) =>
    words.every((word) => title.toLocaleLowerCase().includes(word)),
  );
  return (
    <section className={styles.courses} aria-labelledby={headingId}>
      <div className={styles.bar}>
        <h2 id={headingId}>{strings.myCourses.all(courses.length)}</h2>
        {courses.length > SEARCH_ABOVE && (
          <label className={styles.search}>
            <Icon name="search" size={18} />
            <span className="visually-hidden">{strings.myCourses.search}</span>
            <input
              type="search"
              placeholder={strings.myCourses.search}
              value={search}
              onChange={(event) => setSearch(event.target.value)}
            />
          </label>
        )}
      </div>
      <p className={found.length > 0 ? "visually-hidden" : styles.none} role="status">
        {search && strings.myCourses.found(found.length)}
      </p>
      <ul className={styles.cards} aria-label={strings.myCourses.heading}>
        {found.map((course) => (
          <li key={course.course_id}>
            <CourseCard course={course} address={addressOf(course.course_id)} />
          </li>
        ))}
      </ul>
    </section>
  );
}
