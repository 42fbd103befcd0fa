/** The top of an analytics page: its title, its links, the cohort, and how its numbers were made. */
import type { ReactNode } from "react";
import { analyticsStrings as texts } from "../../analytics-strings";
import styles from "./Analytics.module.css";
import { cohortText, timeText } from "./format";
import type { CohortChoice } from "./use-cohort";

interface AnalyticsHeaderProps {
  title: string;
  links: ReactNode;
  release: Release;
  choice: CohortChoice;
}

interface Release {
  as_of: string | null;
  min_learners: number;
  cohorts: readonly string[];
}

export function AnalyticsHeader({ title, links, release, choice }: AnalyticsHeaderProps) {
  const { as_of, min_learners } = release;
  return (
    <header className={styles.header}>
      <p className={styles.kicker}>{texts.heading}</p>
      <h1 dir="auto">{title}</h1>
      <nav className={styles.links} aria-label={texts.heading}>
        {links}
      </nav>
      <CohortSelect cohorts={release.cohorts} choice={choice} />
      <p className={styles.release}>
        {as_of && `${texts.release.asOf(timeText(as_of))} `}
        {min_learners > 1 ? texts.release.rounded(min_learners) : texts.release.exact}
      </p>
    </header>
  );
}

interface CohortSelectProps {
  cohorts: readonly string[];
  choice: CohortChoice;
}

function CohortSelect({ cohorts, choice: { cohort, choose } }: CohortSelectProps) {
  // A cohort may be chosen by the address, and no longer be published.
  const offered = cohort && !cohorts.includes(cohort) ? [...cohorts, cohort] : cohorts;
  if (offered.length === 0) return null;
  return (
    <label className={styles.cohort}>
      {texts.cohort.label}
      <select value={cohort ?? ""} onChange={(event) => choose(event.target.value || null)}>
        <option value="">{texts.cohort.everyone}</option>
        {offered.map((name) => (
          <option key={name} value={name}>
            {cohortText(name)}
          </option>
        ))}
      </select>
    </label>
  );
}
