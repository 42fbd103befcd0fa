import { useEffect, useState } from "react";
import { type Course, createProgressClient } from "progress-service-api-client";
import { SERVICE, token } from "./session.js";

const client = createProgressClient({ baseUrl: SERVICE, token });

export function CourseTitle({ courseId }: { courseId: string }) {
  const [course, setCourse] = useState<Course | null>(null);
  useEffect(() => {
    const params = { path: { course_id: courseId } };
    void client
      .GET("/api/catalog/courses/{course_id}", { params })
      .then(({ data }) => setCourse(data ?? null));
  }, [courseId]);
  return <h1>{course?.title ?? "…"}</h1>;
}
