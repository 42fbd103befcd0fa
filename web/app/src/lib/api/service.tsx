/** The connection to the service for everything on the page: typed requests, and the tracker. */
import { QueryClientProvider } from "@tanstack/react-query";
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
import { monitorSaving, type SavingMonitor } from "../progress/saving-state";
import { deviceId } from "../session/device";
import { createRenewal, useRenewal } from "../session/renewal";
import { useSession } from "../session/session";
import { reportStorageProblem } from "../session/storage-problem";
import { readToken } from "../session/token";
import { useLatest } from "../state/use-latest";
import { withoutRecording } from "./preview";
import { createQueryClient } from "./query-client";
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
}

interface Service extends Connection {
  /** Stored reports that the service has rejected. */
  rejections: readonly Rejection[];
  /** The learner has read them. */
  dismissRejections: () => void;
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
  const [connection] = useState<Connection>(() => {
    const onFailure = (error?: unknown) => reportStorageProblem("reports", error);
    const saving = monitorSaving(indexedDbStore(undefined, onFailure));
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
    return created;
  });
  const [renewal] = useState(createRenewal);
  const [tracker] = useState(() => {
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
    return connection.isPreview ? withoutRecording(created) : created;
  });
  useLayoutEffect(() => {
    drain.current = () => void tracker.outbox.drain();
  });
  useRenewal(renewal, token, () => {
    void queryClient.invalidateQueries();
    void tracker.outbox.drain();
  });
  useEffect(() => persistQueries(queryClient, accountId), [queryClient, accountId]);
  // The lists show rejected reports as if they were stored.
  useEffect(() => {
    if (rejections.length > 0) {
      void queryClient.invalidateQueries({ queryKey: queryKeys.progress });
    }
  }, [queryClient, rejections]);
  const service = useMemo(
    () => ({ ...connection, rejections, dismissRejections: () => setRejections([]) }),
    [connection, rejections],
  );
  return (
    <ServiceContext.Provider value={service}>
      <QueryClientProvider client={queryClient}>
        <ProgressProvider client={tracker}>{children}</ProgressProvider>
      </QueryClientProvider>
    </ServiceContext.Provider>
  );
}
