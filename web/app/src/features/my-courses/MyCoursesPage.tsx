/** The start page of a learner with several courses: what to continue, and all courses. */
import type { ReactNode } from "react";
import { useMyCourses } from "../../lib/api/queries";
import { strings } from "../../strings";
import { CourseCard } from "./CourseCard";
import { CourseGrid } from "./CourseGrid";
import { CourseList } from "./CourseList";

interface MyCoursesPageProps {
  addressOf: (courseId: string) => string;
  shelf?: ReactNode;
  /** The shelf is loading, and would push this down. */
  isWaiting?: boolean;
}

export function MyCoursesPage({ addressOf, shelf, isWaiting }: MyCoursesPageProps) {
  return (
    <CourseList
      courses={useMyCourses()}
      heading={strings.myCourses.heading}
      empty={{ heading: strings.myCourses.empty, remedy: strings.myCourses.emptyRemedy }}
      isWaiting={isWaiting}
    >
      {(courses) => (
        <>
          {shelf}
          <CourseGrid
            courses={courses}
            label={strings.myCourses.heading}
            card={(course) => <CourseCard course={course} address={addressOf(course.course_id)} />}
          />
        </>
      )}
    </CourseList>
  );
}
