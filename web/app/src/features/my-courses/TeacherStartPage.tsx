/** The start page of a teacher: the courses opened here before, and others by their id. */
import { useQueryClient } from "@tanstack/react-query";
import type { Course } from "progress-service-api-client";
import { type FormEvent, useEffect, useState } from "react";
import { Link } from "wouter";
import { Button } from "../../components/Button";
import { useCourse } from "../../lib/api/queries";
import { queryKeys } from "../../lib/api/query-keys";
import { strings } from "../../strings";
import styles from "./MyCoursesPage.module.css";

/** The course of `dev`; where it does not exist, nothing is shown. */
const DEMO_COURSE_ID = "demo";

interface TeacherStartPageProps {
  addressOf: (courseId: string) => string;
  analyticsAddressOf: (courseId: string) => string;
  onOpen: (courseId: string) => void;
}

export function TeacherStartPage(props: TeacherStartPageProps) {
  const { addressOf, analyticsAddressOf, onOpen } = props;
  const [courseId, setCourseId] = useState("");
  useCourse(DEMO_COURSE_ID);
  const opened = useQueryClient().getQueriesData<Course>({ queryKey: queryKeys.courses });
  const courses = opened.flatMap(([, course]) => course ?? []);
  useEffect(() => {
    document.title = strings.myCourses.title;
  }, []);
  const open = (event: FormEvent) => {
    event.preventDefault();
    if (courseId.trim()) onOpen(courseId.trim());
  };
  return (
    <div className={styles.page}>
      <h1>{strings.teacher.heading}</h1>
      <div className={styles.empty}>
        <p>{strings.teacher.lead}</p>
        {courses.length > 0 && (
          <ul className={styles.links}>
            {courses.map(({ course_id, title }) => (
              <li key={course_id}>
                <Link href={addressOf(course_id)} dir="auto">
                  {title}
                </Link>
                <Link
                  href={analyticsAddressOf(course_id)}
                  aria-label={strings.teacher.analyticsOf(title)}
                >
                  {strings.teacher.analytics}
                </Link>
              </li>
            ))}
          </ul>
        )}
        <form className={styles.form} onSubmit={open}>
          <label>
            {strings.teacher.courseId}
            <input
              value={courseId}
              onChange={(event) => setCourseId(event.target.value)}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
            />
          </label>
          <Button type="submit" look="primary">
            {strings.teacher.open}
          </Button>
        </form>
      </div>
    </div>
  );
}
