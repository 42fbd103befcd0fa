/** The start page of a teacher: the courses they teach. */
import type { TaughtCourse } from "progress-service-api-client";
import { Link } from "wouter";
import { useTaughtCourses } from "../../lib/api/queries";
import { strings } from "../../strings";
import { CourseGrid } from "./CourseGrid";
import { CourseList } from "./CourseList";
import styles from "./MyCoursesPage.module.css";

interface TeacherStartPageProps {
  addressOf: (courseId: string) => string;
  analyticsAddressOf: (courseId: string) => string;
}

export function TeacherStartPage({ addressOf, analyticsAddressOf }: TeacherStartPageProps) {
  return (
    <CourseList
      courses={useTaughtCourses()}
      heading={strings.teacher.heading}
      empty={{ heading: strings.teacher.empty, remedy: strings.teacher.emptyRemedy }}
    >
      {(courses) => (
        <>
          <p>{strings.teacher.lead}</p>
          <CourseGrid
            courses={courses}
            label={strings.teacher.heading}
            card={(course) => (
              <TaughtCourseCard
                course={course}
                address={addressOf(course.course_id)}
                analyticsAddress={analyticsAddressOf(course.course_id)}
              />
            )}
          />
        </>
      )}
    </CourseList>
  );
}

interface TaughtCourseCardProps {
  course: TaughtCourse;
  address: string;
  analyticsAddress: string;
}

function TaughtCourseCard({ course, address, analyticsAddress }: TaughtCourseCardProps) {
  const { title, material_count } = course;
  return (
    <article className={styles.card}>
      <div className={styles.words}>
        <h3>
          <Link className={styles.open} href={address} dir="auto">
            {title}
          </Link>
        </h3>
        <p className={styles.about}>{strings.teacher.materials(material_count)}</p>
      </div>
      <Link
        className={styles.beside}
        href={analyticsAddress}
        aria-label={strings.teacher.analyticsOf(title)}
      >
        {strings.teacher.analytics}
      </Link>
    </article>
  );
}
