/** How far learners are, and when they completed the course. */
import type { CourseAnalytics } from "progress-service-api-client";
import { analyticsStrings as texts } from "../../analytics-strings";
import { strings } from "../../strings";
import { BarChart } from "./charts/BarChart";
import { type Tick, ticksOf } from "./charts/Chart";
import { BOX } from "./charts/scale";
import { DataTable } from "./DataTable";
import { DownloadCourseCsv } from "./DownloadCsv";
import { type DayCount, everyDay } from "./dates";
import { countText, dateText } from "./format";
import { Section } from "./Section";

interface CourseChartProps {
  course: CourseAnalytics;
  cohort: string | null;
}

const QUARTERS = [0, 25, 50, 75, 100];
/** More bars would be too thin. */
const MAX_DAYS = 60;

export function ProgressHistogram({ course, cohort }: CourseChartProps) {
  const { progress_histogram: tenths, course_id } = course;
  const most = tenths.reduce((one, other) => (other.learners > one.learners ? other : one));
  const { progress, progressLead, progressLabel } = texts.course;
  return (
    <Section heading={progress} lead={progressLead}>
      <BarChart
        label={progressLabel(most.learners, most.from_percent, most.to_percent)}
        values={tenths.map(({ learners }) => learners)}
        xTicks={ticksOf(QUARTERS, BOX, strings.percent)}
      />
      <DataTable
        caption={progress}
        columns={[
          {
            heading: texts.columns.progress,
            textOf: ({ from_percent, to_percent }) =>
              `${from_percent}–${strings.percent(to_percent)}`,
          },
          { heading: texts.columns.learners, textOf: ({ learners }) => countText(learners) },
        ]}
        rows={tenths}
        download={
          <DownloadCourseCsv
            id={course_id}
            cohort={cohort}
            table="progress_histogram"
            caption={progress}
          />
        }
      />
    </Section>
  );
}

export function CompletionsPerDay({ course, cohort }: CourseChartProps) {
  const { completions_per_day: days, course_id, learners, min_learners } = course;
  const { days: heading, daysLead } = texts.course;
  if (days.length === 0) {
    return (
      <Section heading={heading} lead={daysLead}>
        <p>
          {learners.completed
            ? texts.empty.fewCompletions(min_learners)
            : texts.empty.noCompletions}
        </p>
      </Section>
    );
  }
  return (
    <Section heading={heading} lead={daysLead}>
      <DaysChart days={days} />
      <DataTable
        caption={heading}
        columns={[
          { heading: texts.columns.date, textOf: ({ date }) => dateText(date) },
          { heading: texts.columns.learners, textOf: (day) => countText(day.learners) },
        ]}
        rows={days}
        download={
          <DownloadCourseCsv
            id={course_id}
            cohort={cohort}
            table="completions_per_day"
            caption={heading}
          />
        }
      />
    </Section>
  );
}

function DaysChart({ days }: { days: readonly DayCount[] }) {
  const shown = everyDay(days, MAX_DAYS);
  const most = shown.reduce((one, other) => (other.learners > one.learners ? other : one));
  const ends: Tick[] = [
    { at: 0, text: dateText(shown[0]?.date ?? ""), align: "start" },
    { at: BOX, text: dateText(shown.at(-1)?.date ?? ""), align: "end" },
  ];
  return (
    <>
      <BarChart
        label={texts.course.daysLabel(most.learners, dateText(most.date))}
        values={shown.map(({ learners }) => learners)}
        xTicks={shown.length > 1 ? ends : ends.slice(1)}
      />
      {shown[0]?.date !== days[0]?.date && <p>{texts.course.latestDays(MAX_DAYS)}</p>}
    </>
  );
}
