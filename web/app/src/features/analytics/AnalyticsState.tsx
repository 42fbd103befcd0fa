/** The states of an analytics page before its numbers: loading, an error, the last known numbers. */
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { analyticsStrings as texts } from "../../analytics-strings";
import { Notice } from "../../components/Notice";
import { Skeleton } from "../../components/Skeleton";
import { useFailure } from "../../lib/api/use-failure";
import { strings } from "../../strings";
import styles from "./Analytics.module.css";
import { analyticsRemedy } from "./problem";

interface AnalyticsStateProps<Data> {
  query: UseQueryResult<Data>;
  /** What a 404 means. */
  missing: string;
  children: (data: Data) => ReactNode;
}

export function AnalyticsState<Data>({ query, missing, children }: AnalyticsStateProps<Data>) {
  const { data, error, isError, isFetching, isPlaceholderData } = query;
  const failure = useFailure([query]);
  const retry = () => void query.refetch();
  if (failure) {
    return (
      <Notice
        heading={strings.problem.heading}
        text={analyticsRemedy(failure.error, missing)}
        onRetry={retry}
        isRetrying={failure.isRetrying}
      />
    );
  }
  if (data === undefined) {
    return (
      <div className={styles.page} role="status" aria-label={texts.loading}>
        <Skeleton height="4rem" />
        <Skeleton height="16rem" />
      </div>
    );
  }
  return (
    <>
      {isError && (
        <div className={styles.stale}>
          <Notice
            heading={strings.problem.stale}
            text={analyticsRemedy(error, missing)}
            onRetry={retry}
            isRetrying={isFetching}
          />
        </div>
      )}
      {/* The numbers of another cohort, until those of the chosen one are there. */}
      <div className={styles.page} aria-busy={isPlaceholderData}>
        {children(data)}
      </div>
    </>
  );
}
