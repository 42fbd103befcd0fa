/** The start page: the courses of a learner, or their only course; the start page of a teacher. */
import { Redirect, useLocation } from "wouter";
import { ContinueWatching } from "../features/continue-watching/ContinueWatching";
import { useContinueWatching } from "../features/continue-watching/queries";
import { useLivePage } from "../features/live/use-live-page";
import { MyCoursesPage } from "../features/my-courses/MyCoursesPage";
import { TeacherStartPage } from "../features/my-courses/TeacherStartPage";
import { useMyCourses } from "../lib/api/queries";
import { useService } from "../lib/api/service";
import { courseAddress, courseAnalyticsAddress, videoAddress } from "./routes";

export function HomeRoute() {
  return useService().isPreview ? <TeacherHome /> : <LearnerHome />;
}

function LearnerHome() {
  const [, goTo] = useLocation();
  const courses = useMyCourses();
  const shelf = useContinueWatching();
  const { wasErased } = useService();
  useLivePage(null);
  const [only, ...others] = courses.data ?? [];
  // One course needs no list. The stored list of an earlier visit may lack a newer course.
  if (
    only &&
    others.length === 0 &&
    !wasErased &&
    (!courses.isFetching || courses.isFetchedAfterMount)
  ) {
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
  return <TeacherStartPage addressOf={courseAddress} analyticsAddressOf={courseAnalyticsAddress} />;
}
