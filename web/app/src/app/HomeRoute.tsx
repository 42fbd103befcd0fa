/** Where somebody arrives: a learner at their courses, or in the only one; a teacher at theirs. */
import { Redirect, useLocation } from "wouter";
import { ContinueWatching } from "../features/continue-watching/ContinueWatching";
import { useContinueWatching } from "../features/continue-watching/queries";
import { useLivePage } from "../features/live/use-live-page";
import { MyCoursesPage } from "../features/my-courses/MyCoursesPage";
import { TeacherStartPage } from "../features/my-courses/TeacherStartPage";
import { useMyCourses } from "../lib/queries";
import { useService } from "../lib/service";
import { courseAddress, videoAddress } from "./routes";

export function HomeRoute() {
  return useService().isPreview ? <TeacherHome /> : <LearnerHome />;
}

function LearnerHome() {
  const [, goTo] = useLocation();
  const courses = useMyCourses();
  const shelf = useContinueWatching();
  useLivePage(null);
  const [only, ...others] = courses.data ?? [];
  // A list of one is a detour. What is known from an earlier visit may lack a course by now.
  if (only && others.length === 0 && (!courses.isFetching || courses.isFetchedAfterMount)) {
    return <Redirect to={courseAddress(only.course_id)} replace />;
  }
  return (
    <MyCoursesPage
      addressOf={courseAddress}
      isWaiting={shelf.isPending || (courses.isFetching && others.length === 0)}
      shelf={
        <ContinueWatching
          onOpen={({ course_id, material_id }) => goTo(videoAddress(course_id, material_id))}
        />
      }
    />
  );
}

function TeacherHome() {
  const [, goTo] = useLocation();
  return (
    <TeacherStartPage
      addressOf={courseAddress}
      onOpen={(courseId) => goTo(courseAddress(courseId))}
    />
  );
}
