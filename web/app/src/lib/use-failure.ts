/** Tells why a page has nothing to show, also while that is read again. */
import type { UseQueryResult } from "@tanstack/react-query";
import { useRef } from "react";

interface Failure {
  error: unknown;
  isRetrying: boolean;
}

/**
 * The first of `queries` that failed and has nothing to show. A query forgets its error when it
 * starts again, and the page would go back to its outline each time.
 */
export function useFailure(queries: readonly UseQueryResult<unknown>[]): Failure | null {
  const latest = useRef<unknown>(null);
  const failed = queries.find((query) => query.data === undefined && query.errorUpdateCount > 0);
  if (failed?.error) latest.current = failed.error;
  return failed ? { error: latest.current, isRetrying: failed.isFetching } : null;
}
