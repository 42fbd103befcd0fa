/** A course: its progress, its materials by module, and the open video. */
import type { Course, CourseProgress, Material } from "progress-service-api-client";
import { type ReactNode, useEffect } from "react";
import { Notice } from "../../components/Notice";
import { ApiProblem, remedyFor } from "../../lib/api/problem";
import { useCourse, useCourseProgress, useVideoStatuses } from "../../lib/api/queries";
import { useService } from "../../lib/api/service";
import { useFailure } from "../../lib/api/use-failure";
import { CourseProvider } from "../../lib/progress/course-context";
import { useMarks } from "../../lib/progress/marks";
import type { VideoStatusById } from "../../lib/progress/statuses";
import { strings } from "../../strings";
import styles from "./CourseDetailPage.module.css";
import { CourseHeader } from "./CourseHeader";
import { CourseSkeleton } from "./CourseSkeleton";
import { MaterialList } from "./MaterialList";
import { type MaterialProgress, progressOf, secondsLeft } from "./material-progress";
import { StaleNotice } from "./StaleNotice";
import { focusMaterial, useReturnFocus } from "./use-return-focus";

export interface CourseDetailPageProps {
  courseId: string;
  selectedVideoId: string | null;
  /** The id of the control that opened it; null when an address did. */
  openedBy: string | null;
  isPlaying: boolean;
  onSelectVideo: (videoId: string, openedBy: string) => void;
  /** Shown above the materials while no video is open. */
  shelf?: ReactNode;
  /** Shown beside the materials. */
  renderSide?: (course: Course) => ReactNode;
  /** A further control in the row of a video. */
  renderVideoAction?: (video: Material) => ReactNode;
  /** The shelf is loading, and would push this down. */
  isWaiting?: boolean;
  /** A link for when there is no course to show. */
  fallbackLink?: ReactNode;
  /** Shows the selected video. */
  renderPlayer: (video: Material) => ReactNode;
}

export function CourseDetailPage(props: CourseDetailPageProps) {
  const { isPreview } = useService();
  const course = useCourse(props.courseId);
  const courseProgress = useCourseProgress(props.courseId);
  const statuses = useVideoStatuses(course.data);
  useTabTitle(course.data, props.selectedVideoId);

  const queries = [course, courseProgress, statuses];
  const outdated = queries.find((query) => query.isError);
  const failure = useFailure(queries);
  const retry = () => {
    for (const query of queries) if (query.isError) void query.refetch();
  };
  if (failure) {
    const isNotTheirs = isPreview && isForbidden(failure.error);
    return (
      <>
        <Notice
          heading={strings.problem.heading}
          text={isNotTheirs ? strings.teacher.notYours : remedyFor(failure.error)}
          onRetry={retry}
          isRetrying={failure.isRetrying}
        />
        <p className={styles.fallback}>{props.fallbackLink}</p>
      </>
    );
  }
  if (!course.data || !courseProgress.data || !statuses.data || props.isWaiting) {
    return <CourseSkeleton />;
  }
  return (
    <CourseProvider value={props.courseId}>
      {outdated && (
        <StaleNotice
          problem={outdated.error}
          onRetry={retry}
          isRetrying={queries.some((query) => query.isFetching)}
        />
      )}
      <LoadedCourse
        {...props}
        course={course.data}
        courseProgress={courseProgress.data}
        statuses={statuses.data}
      />
    </CourseProvider>
  );
}

const isForbidden = (error: unknown) => error instanceof ApiProblem && error.status === 403;

function useTabTitle(course: Course | undefined, selectedVideoId: string | null): void {
  const video = course?.materials.find(({ material_id }) => material_id === selectedVideoId);
  const title = course && strings.course.title(course.title);
  const tabTitle = title && (video ? strings.player.tabTitle(video.title, title) : title);
  useEffect(() => {
    if (tabTitle) document.title = tabTitle;
  }, [tabTitle]);
}

interface LoadedCourseProps extends CourseDetailPageProps {
  course: Course;
  courseProgress: CourseProgress;
  statuses: VideoStatusById;
}

function LoadedCourse(props: LoadedCourseProps) {
  const { course, courseProgress, statuses, selectedVideoId, onSelectVideo } = props;
  const { isPreview } = useService();
  const { pending } = useMarks();
  useReturnFocus(selectedVideoId, props.openedBy);
  const completedIds = new Set(courseProgress.materials.completed_ids);
  const materials: MaterialProgress[] = course.materials.map((material) =>
    progressOf(
      material,
      statuses[material.material_id],
      completedIds,
      pending[material.material_id],
    ),
  );
  const selected = course.materials.find(({ material_id }) => material_id === selectedVideoId);
  const opensVideo = selected?.type === "video";
  useEffect(() => {
    if (selectedVideoId && selected && !opensVideo) focusMaterial(selectedVideoId);
  }, [selectedVideoId, selected, opensVideo]);

  return (
    <>
      <CourseHeader
        title={course.title}
        progress={courseProgress}
        secondsLeft={secondsLeft(materials)}
        isPreview={isPreview}
      />
      {!opensVideo && props.shelf}
      {materials.length === 0 && <p className={styles.empty}>{strings.course.empty}</p>}
      <div className={styles.columns} data-video={opensVideo || undefined}>
        {opensVideo && <div className={styles.player}>{props.renderPlayer(selected)}</div>}
        <div className={styles.main}>
          {selectedVideoId && !selected && <Notice text={strings.player.missing} />}
          <MaterialList
            courseId={course.course_id}
            materials={materials}
            selectedVideoId={selectedVideoId}
            isPlaying={props.isPlaying}
            onSelectVideo={onSelectVideo}
            renderVideoAction={props.renderVideoAction}
          />
        </div>
        <div className={styles.side}>{props.renderSide?.(course)}</div>
      </div>
    </>
  );
}
