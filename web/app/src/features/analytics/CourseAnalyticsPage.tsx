/** A course in numbers: its learners, how far they are, and its videos. */
import type { CourseAnalytics } from "progress-service-api-client";
import { type ReactNode, useEffect } from "react";
import { analyticsStrings as texts } from "../../analytics-strings";
import styles from "./Analytics.module.css";
import { AnalyticsHeader } from "./AnalyticsHeader";
import { AnalyticsState } from "./AnalyticsState";
import { CompletionsPerDay, ProgressHistogram } from "./CourseCharts";
import { DownloadCourseCsv } from "./DownloadCsv";
import { Figures } from "./Figures";
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
  const { learners, last_7_days, min_learners } = course;
  const { enrolled } = learners;
  if (course.suppressed) return <SuppressedNote text={texts.suppressed.course(min_learners)} />;
  if (enrolled === 0) return <p className={styles.note}>{texts.empty.nobodyEnrolled}</p>;
  const named = texts.course;
  const ofEnrolled = (count: number | null) =>
    count && enrolled
      ? named.ofEnrolled(shareText(Math.min(1, count / enrolled), min_learners))
      : undefined;
  const of = (name: string, count: number | null) => ({
    name,
    value: countText(count),
    note: ofEnrolled(count),
  });
  return (
    <>
      <div className={styles.columns}>
        <Section heading={named.learners}>
          <Figures
            figures={[
              { name: named.enrolled, value: countText(enrolled) },
              of(named.started, learners.started),
              of(named.completed, learners.completed),
            ]}
          />
          <DownloadCourseCsv
            id={course.course_id}
            cohort={cohort}
            table="totals"
            caption={named.learners}
          />
        </Section>
        <Section heading={named.week}>
          <Figures
            figures={[
              of(named.active, last_7_days.active),
              of(named.completedMaterial, last_7_days.completed_a_material),
            ]}
          />
        </Section>
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
