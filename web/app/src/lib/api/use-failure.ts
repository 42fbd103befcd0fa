/** The error of a page that has nothing to show, also during a retry. */
import type { UseQueryResult } from "@tanstack/react-query";
import { useRef } from "react";

interface Failure {
  error: unknown;
  isRetrying: boolean;
}

/**
 * The first of `queries` that failed and has no data. A query clears its error when it is refetched,
 * and the page would show its skeleton each time.
 */
export function useFailure(queries: readonly UseQueryResult<unknown>[]): Failure | null {
  const latest = useRef<unknown>(null);
  const failed = queries.find((query) => query.data === undefined && query.errorUpdateCount > 0);
  if (failed?.error) latest.current = failed.error;
  return failed ? { error: latest.current, isRetrying: failed.isFetching } : null;
}
