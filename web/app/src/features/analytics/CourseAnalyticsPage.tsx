/** A course in numbers: its learners, how far they are, and its videos. */
import type { CourseAnalytics } from "progress-service-api-client";
import { type ReactNode, useEffect } from "react";
import { analyticsStrings as texts } from "../../analytics-strings";
import styles from "./Analytics.module.css";
import { AnalyticsHeader } from "./AnalyticsHeader";
import { AnalyticsState } from "./AnalyticsState";
import { CompletionsPerDay, ProgressHistogram } from "./CourseCharts";
import { DownloadCourseCsv } from "./DownloadCsv";
import { type Figure, Figures } from "./Figures";
import { countText, shareText } from "./format";
import { useCourseAnalytics } from "./queries";
import { Section } from "./Section";
import { SuppressedNote } from "./SuppressedNote";
import { useCohort, withCohort } from "./use-cohort";
import { VideosTable } from "./VideosTable";

interface CourseAnalyticsPageProps {
  courseId: string;
  links: ReactNode;
  addressOfVideo: (videoId: string) => string;
}

export function CourseAnalyticsPage({ courseId, links, addressOfVideo }: CourseAnalyticsPageProps) {
  const choice = useCohort();
  const { cohort } = choice;
  const query = useCourseAnalytics(courseId, cohort);
  const title = query.data?.title;
  useEffect(() => {
    if (title) document.title = texts.title(title);
  }, [title]);
  return (
    <AnalyticsState query={query} missing={texts.problem.noCourse}>
      {(course) => (
        <>
          <AnalyticsHeader title={course.title} links={links} release={course} choice={choice} />
          <Learners course={course} cohort={cohort} />
          <Videos
            course={course}
            cohort={cohort}
            addressOf={(videoId) => withCohort(addressOfVideo(videoId), cohort)}
          />
        </>
      )}
    </AnalyticsState>
  );
}

interface PartProps {
  course: CourseAnalytics;
  cohort: string | null;
}

function Learners({ course, cohort }: PartProps) {
  if (course.suppressed) {
    return <SuppressedNote text={texts.suppressed.course(course.min_learners)} />;
  }
  if (course.learners.enrolled === 0) {
    return <p className={styles.note}>{texts.empty.nobodyEnrolled}</p>;
  }
  return (
    <>
      <div className={styles.columns}>
        <LearnerFigures course={course} cohort={cohort} />
        <WeekFigures course={course} />
      </div>
      <div className={styles.columns}>
        {course.progress_histogram.length > 0 && (
          <ProgressHistogram course={course} cohort={cohort} />
        )}
        <CompletionsPerDay course={course} cohort={cohort} />
      </div>
    </>
  );
}

function LearnerFigures({ course, cohort }: PartProps) {
  const { enrolled, started, completed } = course.learners;
  const named = texts.course;
  return (
    <Section heading={named.learners}>
      <Figures
        figures={[
          { name: named.enrolled, value: countText(enrolled) },
          ofEnrolled(course, named.started, started),
          ofEnrolled(course, named.completed, completed),
        ]}
      />
      <DownloadCourseCsv
        id={course.course_id}
        cohort={cohort}
        table="totals"
        caption={named.learners}
      />
    </Section>
  );
}

function WeekFigures({ course }: Pick<PartProps, "course">) {
  const { active, completed_a_material } = course.last_7_days;
  const named = texts.course;
  return (
    <Section heading={named.week}>
      <Figures
        figures={[
          ofEnrolled(course, named.active, active),
          ofEnrolled(course, named.completedMaterial, completed_a_material),
        ]}
      />
    </Section>
  );
}

/** A number of learners, with its share of those enrolled. */
function ofEnrolled(course: CourseAnalytics, name: string, count: number | null): Figure {
  const { enrolled } = course.learners;
  const value = countText(count);
  if (!count || !enrolled) return { name, value };
  const share = shareText(Math.min(1, count / enrolled), course.min_learners);
  return { name, value, note: texts.course.ofEnrolled(share) };
}

interface VideosProps extends PartProps {
  addressOf: (videoId: string) => string;
}

function Videos({ course, cohort, addressOf }: VideosProps) {
  const { materials, min_learners, course_id } = course;
  const { videos, videosLead } = texts.course;
  if (materials.length === 0) return <p className={styles.note}>{texts.empty.noVideos}</p>;
  return (
    <Section heading={videos} lead={videosLead}>
      <VideosTable rows={materials} minLearners={min_learners} addressOf={addressOf} />
      <DownloadCourseCsv id={course_id} cohort={cohort} table="materials" caption={videos} />
    </Section>
  );
}
