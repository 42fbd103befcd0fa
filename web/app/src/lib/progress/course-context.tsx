/** The course of the page, for components that receive only a video. */
import { createContext, useContext } from "react";

const CourseContext = createContext<string | null>(null);

export const CourseProvider = CourseContext.Provider;

export function useCourseId(): string {
  const courseId = useContext(CourseContext);
  if (courseId === null) throw new Error("useCourseId belongs inside a CourseProvider");
  return courseId;
}
