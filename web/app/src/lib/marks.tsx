/** Marks materials as done by hand, now or as soon as the service can be reached. */
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
import { type MarkQueue, openMarkQueue, type PendingMarks } from "./mark-queue";
import { ApiProblem, answerOf } from "./problem";
import { useService } from "./service";

const RETRY_MS = 30_000;

interface Marks {
  pending: PendingMarks;
  /** Resolves when the mark is saved, or is kept until it can be. @throws ApiProblem: it is refused */
  mark: (materialId: string, isDone: boolean) => Promise<"saved" | "kept">;
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
    async (materialId: string, isDone: boolean): Promise<"saved" | "kept"> => {
      const path = "/api/progress/material/{material_id}/complete";
      const params = { path: { material_id: materialId } };
      try {
        await answerOf<unknown>(
          isDone ? client.POST(path, { params }) : client.DELETE(path, { params }),
        );
      } catch (error) {
        // Out of reach, busy, or the token has ended: worth another try.
        if (error instanceof ApiProblem && (error.isPassing || error.status === 401)) return "kept";
        queue.remove(materialId);
        throw error;
      }
      await queryClient.invalidateQueries({ queryKey: ["progress"] });
      // The lists know it now. What was marked meanwhile is another mark.
      if (queue.state[materialId] === isDone) queue.remove(materialId);
      return "saved";
    },
    [client, queryClient, queue],
  );
  useSending(queue, save);

  const marks = useMemo(
    (): Marks => ({
      pending,
      async mark(materialId, isDone) {
        const outcome = navigator.onLine ? await save(materialId, isDone) : "kept";
        if (outcome === "kept") queue.put(materialId, isDone);
        else queue.remove(materialId);
        return outcome;
      },
    }),
    [pending, queue, save],
  );
  return <MarksContext.Provider value={marks}>{children}</MarksContext.Provider>;
}

/** Send what is kept: at the start, when the network is back, and now and then. */
function useSending(
  queue: MarkQueue,
  save: (materialId: string, isDone: boolean) => Promise<unknown>,
): void {
  const isSending = useRef(false);
  const send = useCallback(async () => {
    if (isSending.current || !navigator.onLine) return;
    isSending.current = true;
    for (const [materialId, isDone] of Object.entries(queue.state)) {
      // A refused mark leaves the queue; the list then shows what is saved.
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
