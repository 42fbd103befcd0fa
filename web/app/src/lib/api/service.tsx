/** The connection to the service for everything on the page: typed requests, and the tracker. */
import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createProgressClient, type ProgressClient } from "progress-service-api-client";
import { createTrackerClient, indexedDbStore, type Rejection } from "progress-service-tracker";
import { ProgressProvider } from "progress-service-tracker-react";
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { withEndableSessions } from "../progress/ended-sessions";
import { type PausableStore, pausableStore } from "../progress/pausable-store";
import { monitorSaving, type SavingMonitor } from "../progress/saving-state";
import { clearDevice, onDeviceCleared } from "../session/clear-device";
import { deviceId } from "../session/device";
import { createRenewal, useRenewal } from "../session/renewal";
import { useSession } from "../session/session";
import { reportStorageProblem } from "../session/storage-problem";
import { readToken } from "../session/token";
import { useLatest } from "../state/use-latest";
import { withoutRecording } from "./preview";
import { bodyOf } from "./problem";
import { createQueryClient, forgetQueries } from "./query-client";
import { queryKeys } from "./query-keys";
import { persistQueries, restoreQueries } from "./query-persistence";
import { ROOT_PATH, SERVICE_URL } from "./root-path";

interface Connection {
  client: ProgressClient;
  accountId: string;
  deviceId: string;
  /** A teacher views the course: nothing is recorded, and there is no progress to read. */
  isPreview: boolean;
  saving: SavingMonitor;
  /** Where this page has left a video while the history was paused, in seconds. */
  pagePlaceOf: PausableStore["placeOf"];
}

interface Service extends Connection {
  /** Stored reports that the service has rejected. */
  rejections: readonly Rejection[];
  /** The learner has read them. */
  dismissRejections: () => void;
  /** The learner's data was erased while this page was closed or open, and this browser is cleared. */
  wasErased: boolean;
  setErased: (wasErased: boolean) => void;
  /** What was watched is gone: find out whether it was erased. */
  noteVanished: () => void;
}

const ServiceContext = createContext<Service | null>(null);

export function useService(): Service {
  const service = useContext(ServiceContext);
  if (!service) throw new Error("useService belongs inside a ServiceProvider");
  return service;
}

/**
 * Mount it with a `key` for each account, so that no account sees the data of another one. A new token
 * of the same account is used from the next request on.
 */
export function ServiceProvider({ token, children }: { token: string; children: ReactNode }) {
  const session = useLatest(useSession());
  const bearer = useLatest(token);
  const isHistoryPaused = useRef((): boolean => false);
  const [connection] = useState<Connection>(() => {
    const onFailure = (error?: unknown) => reportStorageProblem("reports", error);
    const disk = indexedDbStore(undefined, onFailure);
    const store = pausableStore(disk, () => isHistoryPaused.current());
    const saving = monitorSaving(store);
    return {
      client: createProgressClient({
        baseUrl: SERVICE_URL,
        token: () => bearer.current,
        onResponse: (response) => session.current.noteResponse(response),
        retries: 0, // The query cache repeats requests, and shows that it does.
      }),
      accountId: readToken(token)?.studentId ?? "",
      deviceId: deviceId(),
      isPreview: readToken(token)?.otherRole === "teacher",
      saving,
      pagePlaceOf: store.placeOf,
    };
  });
  const { accountId } = connection;
  const [rejections, setRejections] = useState<readonly Rejection[]>([]);
  const drain = useRef(() => {});
  const [queryClient] = useState(() => {
    const created = createQueryClient({
      onOutcome(isReachable) {
        const wasReachable = connection.saving.state.isReachable;
        connection.saving.noteReachable(isReachable);
        // The outbox waits longer after each failure; the service is back, so it need not.
        if (isReachable && wasReachable === false) drain.current();
      },
      onUnauthenticated: () => session.current.endSession(),
    });
    restoreQueries(created, accountId);
    isHistoryPaused.current = () =>
      created.getQueryData<{ history: string }>(queryKeys.history)?.history === "paused";
    return created;
  });
  const [renewal] = useState(createRenewal);
  const [{ client: tracker, endSessions }] = useState(() => {
    const created = createTrackerClient({
      baseUrl: ROOT_PATH,
      accountId,
      deviceId: connection.deviceId,
      token: () => bearer.current,
      store: connection.saving.store,
      async onUnauthenticated() {
        // Whether the token is valid before it expires, a request to the service shows.
        void queryClient.invalidateQueries({ queryKey: queryKeys.progress });
        return renewal.wait();
      },
      onRejected: (rejection) => setRejections((others) => [...others, rejection]),
    });
    return withEndableSessions(connection.isPreview ? withoutRecording(created) : created);
  });
  useLayoutEffect(() => {
    drain.current = () => void tracker.outbox.drain();
  });
  useRenewal(renewal, token, () => {
    void queryClient.invalidateQueries();
    void tracker.outbox.drain();
  });
  useEffect(() => persistQueries(queryClient, accountId), [queryClient, accountId]);
  useEffect(
    () =>
      onDeviceCleared(async () => {
        endSessions();
        await tracker.outbox.clear();
        await forgetQueries(queryClient);
      }),
    [queryClient, tracker, endSessions],
  );
  useRejections(rejections, queryClient);
  const [wasErased, setErased] = useState(false);
  const service = useMemo(
    () => ({
      ...connection,
      rejections,
      dismissRejections: () => setRejections([]),
      wasErased,
      setErased,
      async noteVanished() {
        if (!(await isErased(connection.client))) return;
        // So that what was not sent yet is said.
        await tracker.outbox.drain();
        await clearDevice();
        setErased(true);
      },
    }),
    [connection, rejections, wasErased, tracker],
  );
  return (
    <ServiceContext.Provider value={service}>
      <QueryClientProvider client={queryClient}>
        <ProgressProvider client={tracker}>{children}</ProgressProvider>
      </QueryClientProvider>
    </ServiceContext.Provider>
  );
}

/** The lists show rejected reports as if they were stored. */
function useRejections(rejections: readonly Rejection[], queryClient: QueryClient): void {
  useEffect(() => {
    if (rejections.some(({ code }) => code === "erased")) void forgetQueries(queryClient);
    else if (rejections.length > 0) {
      void queryClient.invalidateQueries({ queryKey: queryKeys.progress });
    }
  }, [queryClient, rejections]);
}

/** False without a response: the next visit asks again. */
async function isErased(client: ProgressClient): Promise<boolean> {
  try {
    await bodyOf(client.GET("/api/progress/me/erasure"));
    return true;
  } catch {
    return false;
  }
}
