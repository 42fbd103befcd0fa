/** The query cache of one account: its retries, and what it reports about the service. */
import { onlineManager, type Query, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "./problem";
import { queryKeys } from "./query-keys";

const MAX_RETRIES = 2;
const REFETCH_FAILED_MS = 5_000;

interface OutcomeListener {
  onOutcome: (isReachable: boolean) => void;
  onUnauthenticated: () => void;
}

/** Milliseconds until a query whose error is temporary is read again; false for any other. */
export function failedRefetchInterval({ state }: Pick<Query, "state">): number | false {
  return state.error instanceof ApiProblem && state.error.isTemporary && REFETCH_FAILED_MS;
}

/** Remove what was read, and read again what the page shows: the data of the learner was erased. */
export async function forgetQueries(client: QueryClient): Promise<void> {
  client.removeQueries({ type: "inactive" });
  // That page follows the erasure itself.
  const [erasure] = queryKeys.erasure;
  await client.resetQueries({ predicate: ({ queryKey }) => queryKey[0] !== erasure });
}

export function createQueryClient({ onOutcome, onUnauthenticated }: OutcomeListener): QueryClient {
  // It assumes to be online until the first event, and would miss a page that starts offline.
  onlineManager.setOnline(navigator.onLine);
  return new QueryClient({
    queryCache: new QueryCache({
      onSuccess: () => onOutcome(true),
      onError(error) {
        if (!(error instanceof ApiProblem)) return;
        onOutcome(!error.isTemporary);
        if (error.status === 401) onUnauthenticated();
      },
    }),
    defaultOptions: {
      queries: {
        retry: (failures, error) =>
          failures < MAX_RETRIES &&
          error instanceof ApiProblem &&
          error.isTemporary &&
          // After the ten seconds of a timeout the error is shown at once.
          !error.isTimeout &&
          onlineManager.isOnline(),
        // What failed is read again until the service is back.
        refetchInterval: failedRefetchInterval,
        // A request without a network fails, instead of waiting without a message.
        networkMode: "always",
        // What failed without a network is read again when there is one.
        refetchOnReconnect: true,
        // What is stored for the next visit must stay in the cache.
        gcTime: Number.POSITIVE_INFINITY,
      },
    },
  });
}
