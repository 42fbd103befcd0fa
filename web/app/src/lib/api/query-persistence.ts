/** Stores what the pages have read for the next visit, so that a course opens without a network. */
import { dehydrate, hydrate, type QueryClient } from "@tanstack/react-query";
import { deviceStorage } from "../session/device-storage";
import { PERSISTED } from "./query-keys";

const STORAGE_PREFIX = "progress.known.";
const MIN_WRITE_INTERVAL_MS = 1000;

/** Store what `client` reads, from now on. Returns the function that stops it. */
export function persistQueries(client: QueryClient, accountId: string): () => void {
  const key = STORAGE_PREFIX + accountId;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = () => {
    clearTimeout(timer);
    timer = undefined;
    const { queries } = dehydrate(client, {
      // A failed refetch does not remove the data of an earlier one.
      shouldDehydrateQuery: ({ queryKey, state }) =>
        state.data !== undefined && PERSISTED.has(queryKey[0]),
      shouldDehydrateMutation: () => false,
    });
    const successful = queries.map((query) => ({
      ...query,
      state: { ...query.state, status: "success", error: null, fetchFailureReason: null },
    }));
    // With a full or blocked storage there is no offline page, and nothing else is lost.
    deviceStorage.setIfPossible(key, JSON.stringify({ queries: successful, mutations: [] }));
  };
  const writePending = () => {
    if (timer) write();
  };
  const stop = client.getQueryCache().subscribe(({ type }) => {
    if (type === "updated") timer ??= setTimeout(write, MIN_WRITE_INTERVAL_MS);
  });
  window.addEventListener("pagehide", writePending);
  return () => {
    stop();
    clearTimeout(timer);
    window.removeEventListener("pagehide", writePending);
  };
}

/** Fill `client` with what is stored for an account. */
export function restoreQueries(client: QueryClient, accountId: string): void {
  try {
    hydrate(client, JSON.parse(deviceStorage.get(STORAGE_PREFIX + accountId) ?? "null"));
  } catch {
    deviceStorage.remove(STORAGE_PREFIX + accountId);
  }
}

/** Remove what is stored for an account. */
export function removeQueries(accountId: string): void {
  deviceStorage.remove(STORAGE_PREFIX + accountId);
}

/** Remove what is stored for every other account. */
export function removeOtherQueries(accountId: string): void {
  for (const key of deviceStorage.keys()) {
    const isStored = key.startsWith(STORAGE_PREFIX);
    if (isStored && key !== STORAGE_PREFIX + accountId) deviceStorage.remove(key);
  }
}

/** Remove what is stored for any account, in case that it made the page fail. */
export function removeAllQueries(): void {
  removeOtherQueries("");
}
