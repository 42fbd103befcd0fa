/** The chosen cohort, in the address of the page. */
import { useLocation, useSearch } from "wouter";

const NAME = "cohort";

export interface CohortChoice {
  /** Null: all learners. */
  cohort: string | null;
  choose: (cohort: string | null) => void;
}

export function useCohort(): CohortChoice {
  const [, goTo] = useLocation();
  return {
    cohort: new URLSearchParams(useSearch()).get(NAME),
    // The path of the browser is still encoded, and complete: `~` marks that.
    choose: (cohort) => goTo(`~${withCohort(location.pathname, cohort)}`, { replace: true }),
  };
}

/** `address` with the same choice. */
export function withCohort(address: string, cohort: string | null): string {
  return cohort ? `${address}?${new URLSearchParams({ [NAME]: cohort })}` : address;
}
