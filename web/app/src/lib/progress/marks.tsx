/** Manual marks of materials, saved at once or as soon as the service can be reached. */
import { useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { ApiProblem, bodyOf } from "../api/problem";
import { queryKeys } from "../api/query-keys";
import { useService } from "../api/service";
import { onDeviceCleared } from "../session/clear-device";
import { type MarkQueue, openMarkQueue, type PendingMarks } from "./mark-queue";

const RETRY_MS = 30_000;

type MarkOutcome = "saved" | "queued";

interface Marks {
  pending: PendingMarks;
  /**
   * Resolves when the mark is saved or queued.
   *
   * @throws ApiProblem: the service rejects it
   */
  mark: (materialId: string, isDone: boolean) => Promise<MarkOutcome>;
}

const MarksContext = createContext<Marks | null>(null);

export function useMarks(): Marks {
  const marks = useContext(MarksContext);
  if (!marks) throw new Error("useMarks belongs inside a MarksProvider");
  return marks;
}

export function MarksProvider({ children }: { children: ReactNode }) {
  const { client, accountId } = useService();
  const queryClient = useQueryClient();
  const [queue] = useState(() => openMarkQueue(accountId));
  const pending = useSyncExternalStore(queue.subscribe, () => queue.state);

  const save = useCallback(
    async (materialId: string, isDone: boolean): Promise<MarkOutcome> => {
      const path = "/api/progress/material/{material_id}/complete";
      const params = { path: { material_id: materialId } };
      try {
        await bodyOf<unknown>(
          isDone ? client.POST(path, { params }) : client.DELETE(path, { params }),
        );
      } catch (error) {
        // Unreachable, busy, or an expired token: a retry may succeed.
        const mayPass = error instanceof ApiProblem && (error.isTemporary || error.status === 401);
        if (mayPass) return "queued";
        queue.remove(materialId);
        throw error;
      }
      await queryClient.invalidateQueries({ queryKey: queryKeys.progress });
      // The lists have it now. A mark that was set meanwhile is another one.
      if (queue.state[materialId] === isDone) queue.remove(materialId);
      return "saved";
    },
    [client, queryClient, queue],
  );
  useSending(queue, save);
  useEffect(() => onDeviceCleared(queue.clear), [queue]);

  const marks = useMemo(
    (): Marks => ({
      pending,
      async mark(materialId, isDone) {
        const outcome = navigator.onLine ? await save(materialId, isDone) : "queued";
        if (outcome === "queued") queue.put(materialId, isDone);
        else queue.remove(materialId);
        return outcome;
      },
    }),
    [pending, queue, save],
  );
  return <MarksContext.Provider value={marks}>{children}</MarksContext.Provider>;
}

/** Send the queued marks: at the start, when the network is back, and every half minute. */
function useSending(
  queue: MarkQueue,
  save: (materialId: string, isDone: boolean) => Promise<unknown>,
): void {
  const isSending = useRef(false);
  const send = useCallback(async () => {
    if (isSending.current || !navigator.onLine) return;
    isSending.current = true;
    for (const [materialId, isDone] of Object.entries(queue.state)) {
      // A rejected mark is removed from the queue; the list then shows what is saved.
      await save(materialId, isDone).catch(() => {});
    }
    isSending.current = false;
  }, [queue, save]);
  useEffect(() => {
    void send();
    const timer = setInterval(send, RETRY_MS);
    window.addEventListener("online", send);
    return () => {
      clearInterval(timer);
      window.removeEventListener("online", send);
    };
  }, [send]);
}
