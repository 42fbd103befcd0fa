/** Courses as cards, with a search by title when there are many. */
import { type ReactNode, useId, useState } from "react";
import { Icon } from "../../components/Icon";
import { strings } from "../../strings";
import styles from "./MyCoursesPage.module.css";

/** Up to this many courses need no search. */
const SEARCH_ABOVE = 8;

interface CourseGridProps<Course> {
  courses: readonly Course[];
  /** The name of the list. */
  label: string;
  card: (course: Course) => ReactNode;
}

export function CourseGrid<Course extends { course_id: string; title: string }>({
  courses,
  label,
  card,
}: CourseGridProps<Course>) {
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
      <ul className={styles.cards} aria-label={label}>
        {found.map((course) => (
          <li key={course.course_id}>{card(course)}</li>
        ))}
      </ul>
    </section>
  );
}
