/** What the pages last read, kept for the next visit: a course opens without a connection too. */
import { dehydrate, hydrate, type QueryClient } from "@tanstack/react-query";
import { deviceStorage } from "./device-storage";

const STORAGE_PREFIX = "progress.known.";
const WRITE_AT_MOST_EVERY_MS = 1000;
/** Where to go on is asked anew each time; an old answer would be wrong. */
const KEPT = new Set<unknown>(["course", "progress", "spans"]);

/** Go on writing down what `client` reads. Returns the way to stop. */
export function rememberQueries(client: QueryClient, accountId: string): () => void {
  const key = STORAGE_PREFIX + accountId;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = () => {
    clearTimeout(timer);
    timer = undefined;
    const { queries } = dehydrate(client, {
      // A later reading that failed takes nothing away from what was read before.
      shouldDehydrateQuery: ({ queryKey, state }) =>
        state.data !== undefined && KEPT.has(queryKey[0]),
      shouldDehydrateMutation: () => false,
    });
    const known = queries.map((query) => ({
      ...query,
      state: { ...query.state, status: "success", error: null, fetchFailureReason: null },
    }));
    // A full or blocked storage costs the offline page, nothing else.
    deviceStorage.setIfPossible(key, JSON.stringify({ queries: known, mutations: [] }));
  };
  const leave = () => {
    if (timer) write();
  };
  const stop = client.getQueryCache().subscribe(({ type }) => {
    if (type === "updated") timer ??= setTimeout(write, WRITE_AT_MOST_EVERY_MS);
  });
  window.addEventListener("pagehide", leave);
  return () => {
    stop();
    clearTimeout(timer);
    window.removeEventListener("pagehide", leave);
  };
}

/** Fill `client` with what is known about an account. */
export function recallQueries(client: QueryClient, accountId: string): void {
  try {
    hydrate(client, JSON.parse(deviceStorage.get(STORAGE_PREFIX + accountId) ?? "null"));
  } catch {
    deviceStorage.remove(STORAGE_PREFIX + accountId);
  }
}

/** Nothing about the account stays readable here. */
export function forgetQueries(accountId: string): void {
  deviceStorage.remove(STORAGE_PREFIX + accountId);
}

/** Nothing about anybody else stays readable here. */
export function forgetOtherQueries(accountId: string): void {
  for (const key of deviceStorage.keys()) {
    const isKnown = key.startsWith(STORAGE_PREFIX);
    if (isKnown && key !== STORAGE_PREFIX + accountId) deviceStorage.remove(key);
  }
}

/** Nothing that was read stays: a page that it broke starts again without it. */
export function forgetAllQueries(): void {
  forgetOtherQueries("");
}
