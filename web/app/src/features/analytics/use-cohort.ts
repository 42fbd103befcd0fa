/** The chosen cohort, in the address of the page. */
import { useSearchParams } from "wouter";

const NAME = "cohort";

export interface CohortChoice {
  /** Null: all learners. */
  cohort: string | null;
  choose: (cohort: string | null) => void;
}

export function useCohort(): CohortChoice {
  const [search, setSearch] = useSearchParams();
  return {
    cohort: search.get(NAME),
    choose: (cohort) => setSearch(cohort ? { [NAME]: cohort } : {}, { replace: true }),
  };
}

/** `address` with the same choice. */
export function withCohort(address: string, cohort: string | null): string {
  return cohort ? `${address}?${new URLSearchParams({ [NAME]: cohort })}` : address;
}
