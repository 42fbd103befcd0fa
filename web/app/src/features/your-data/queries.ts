/** The requests of the page: the export, the preferences, and the erasure. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTrackerClient } from "progress-service-tracker-react";
import { ApiProblem, bodyOf } from "../../lib/api/problem";
import { failedRefetchInterval } from "../../lib/api/query-client";
import { queryKeys } from "../../lib/api/query-keys";
import { useService } from "../../lib/api/service";
import { clearDevice } from "../../lib/session/clear-device";
import { readExport } from "./export-file";
import { useAction } from "./use-action";

export interface Erasure {
  state: "erasing" | "erased";
  finished_at: string | null;
  remaining: string[];
}

export type History = "on" | "paused";

const FOLLOW_EVERY_MS = 1_000;
/** Reports of the time before a pause are sent before it, for at most this long. */
const DRAIN_MS = 3_000;

/** What is stored, counted. */
export function useHeldData({ isEnabled }: { isEnabled: boolean }) {
  const { client } = useService();
  return useQuery({
    queryKey: queryKeys.export,
    enabled: isEnabled,
    queryFn: async () => (await readExport(client)).held,
    gcTime: 0,
    // An export is read whole: only when the page is opened, and on request.
    refetchOnWindowFocus: false,
  });
}

/** The last erasure of the learner's data, followed until it has ended; null without one. */
export function useErasure() {
  const { client } = useService();
  return useQuery({
    queryKey: queryKeys.erasure,
    queryFn: async (): Promise<Erasure | null> => {
      try {
        return await bodyOf(client.GET("/api/progress/me/erasure"));
      } catch (error) {
        if (error instanceof ApiProblem && error.status === 404) return null;
        throw error;
      }
    },
    refetchInterval: (query) =>
      query.state.data?.state === "erasing" ? FOLLOW_EVERY_MS : failedRefetchInterval(query),
  });
}

/** Starts an erasure, and clears this browser as soon as the service has recorded it. */
export function useErase() {
  const { client } = useService();
  const queryClient = useQueryClient();
  return useAction<void>(async () => {
    try {
      const erasure = await bodyOf<Erasure>(client.DELETE("/api/progress/me"));
      queryClient.setQueryData<Erasure | null>(queryKeys.erasure, erasure);
    } catch (error) {
      // It may have begun without a response.
      void queryClient.invalidateQueries({ queryKey: queryKeys.erasure });
      throw error;
    }
    await clearDevice();
  });
}

export function useChangeHistory() {
  const { client } = useService();
  const { outbox } = useTrackerClient();
  const queryClient = useQueryClient();
  return useAction(async (history: History) => {
    const late = new Promise((resolve) => setTimeout(resolve, DRAIN_MS));
    if (history === "paused") await Promise.race([outbox.drain(), late]);
    const request = client.PUT("/api/progress/me/preferences", { body: { history } });
    queryClient.setQueryData(queryKeys.history, await bodyOf(request));
  });
}
