/** The way to the service for everything on the page: typed calls, and the tracker's link. */

import { onlineManager, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createProgressClient, type ProgressClient } from "progress-service-api-client";
import { indexedDbStore, type Link, openLink, type Rejection } from "progress-service-tracker";
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
import { deviceId } from "./device";
import { recallQueries, rememberQueries } from "./known";
import { withoutRecording } from "./preview";
import { ApiProblem } from "./problem";
import { ROOT_PATH, SERVICE_URL } from "./root-path";
import { monitorSaving, type SavingMonitor } from "./saving-state";
import { useSession } from "./session";
import { reportStorageProblem } from "./storage-problem";
import { readToken } from "./token";

const MAX_RETRIES = 2;
const RECOVER_EVERY_MS = 5_000;

interface Connection {
  client: ProgressClient;
  accountId: string;
  deviceId: string;
  /** A teacher looks at the course: nothing is recorded, and there is no progress to read. */
  isPreview: boolean;
  saving: SavingMonitor;
}

interface Service extends Connection {
  /** What was kept on this device and the service will never take. */
  refused: readonly Rejection[];
  /** The learner knows. */
  forgetRefused: () => void;
}

const ServiceContext = createContext<Service | null>(null);

export function useService(): Service {
  const service = useContext(ServiceContext);
  if (!service) throw new Error("useService belongs inside a ServiceProvider");
  return service;
}

/**
 * Mount it anew for each account: nothing one has read is then left for the next. A new token of the
 * same account is used from the next call on.
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
        onAnswer: (response) => session.current.noteAnswer(response),
      }),
      accountId: readToken(token)?.studentId ?? "",
      deviceId: deviceId(),
      isPreview: readToken(token)?.otherRole === "teacher",
      saving,
    };
  });
  const { accountId } = connection;
  const [refused, setRefused] = useState<readonly Rejection[]>([]);
  const outbox = useRef<Link["outbox"]>(null);
  const [queryClient] = useState(() => {
    const made = createQueryClient({
      onOutcome(isReachable) {
        const wasReachable = connection.saving.state.isReachable;
        connection.saving.noteReachable(isReachable);
        // The outbox waits longer after each failure; now it is known that it need not.
        if (isReachable && wasReachable === false) void outbox.current?.drain();
      },
      onUnauthenticated: () => session.current.endSession(),
    });
    recallQueries(made, accountId);
    return made;
  });
  const [renewal] = useState(createRenewal);
  const [link] = useState(() => {
    const opened = openLink({
      baseUrl: ROOT_PATH,
      accountId,
      deviceId: connection.deviceId,
      token: () => bearer.current,
      store: connection.saving.store,
      async onUnauthenticated() {
        // The session ends with its token. Whether a token is good before that, the service says.
        void queryClient.invalidateQueries({ queryKey: ["progress"] });
        return renewal.wait();
      },
      onRejected: (rejection) => setRefused((known) => [...known, rejection]),
    });
    return connection.isPreview ? withoutRecording(opened) : opened;
  });
  useLayoutEffect(() => {
    outbox.current = link.outbox;
  });
  useRenewal(renewal, token, () => {
    void queryClient.invalidateQueries();
    void link.outbox.drain();
  });
  useEffect(() => rememberQueries(queryClient, accountId), [queryClient, accountId]);
  // The lists show what was refused as if it were saved.
  useEffect(() => {
    if (refused.length > 0) void queryClient.invalidateQueries({ queryKey: ["progress"] });
  }, [queryClient, refused]);
  const service = useMemo(
    () => ({ ...connection, refused, forgetRefused: () => setRefused([]) }),
    [connection, refused],
  );
  return (
    <ServiceContext.Provider value={service}>
      <QueryClientProvider client={queryClient}>
        <ProgressProvider link={link}>{children}</ProgressProvider>
      </QueryClientProvider>
    </ServiceContext.Provider>
  );
}

interface Renewal {
  /** True when a new token is in place, false when the page is left without one. */
  wait: () => Promise<boolean>;
  settle: (isRenewed: boolean) => void;
}

function createRenewal(): Renewal {
  const waiting = new Set<(isRenewed: boolean) => void>();
  return {
    wait: () => new Promise((resolve) => waiting.add(resolve)),
    settle(isRenewed) {
      for (const resolve of waiting) resolve(isRenewed);
      waiting.clear();
    },
  };
}

/** Whoever waits for a new token goes on with it; what failed meanwhile is read again. */
function useRenewal(renewal: Renewal, token: string, onRenewed: () => void): void {
  const first = useRef(token);
  const renewed = useLatest(onRenewed);
  useEffect(() => {
    if (token === first.current) return;
    first.current = token;
    renewal.settle(true);
    renewed.current();
  }, [renewal, token, renewed]);
  useEffect(() => () => renewal.settle(false), [renewal]);
}

/** What was given last, for callbacks that are made once. */
function useLatest<T>(value: T) {
  const latest = useRef(value);
  useLayoutEffect(() => {
    latest.current = value;
  });
  return latest;
}

interface OutcomeListener {
  onOutcome: (isReachable: boolean) => void;
  onUnauthenticated: () => void;
}

function createQueryClient({ onOutcome, onUnauthenticated }: OutcomeListener): QueryClient {
  // It takes a page for online until it hears otherwise, and would miss the first connection.
  onlineManager.setOnline(navigator.onLine);
  return new QueryClient({
    queryCache: new QueryCache({
      onSuccess: () => onOutcome(true),
      onError(error) {
        if (!(error instanceof ApiProblem)) return;
        onOutcome(!error.isPassing);
        if (error.status === 401) onUnauthenticated();
      },
    }),
    defaultOptions: {
      queries: {
        retry: (failures, error) =>
          failures < MAX_RETRIES &&
          error instanceof ApiProblem &&
          error.isPassing &&
          // Ten seconds were long enough to wait before anything is said.
          !error.isSilent &&
          onlineManager.isOnline(),
        // What failed is read again until the service is back, without being asked for it.
        refetchInterval: ({ state }) =>
          state.error instanceof ApiProblem && state.error.isPassing && RECOVER_EVERY_MS,
        // A call that fails without network says so, instead of waiting silently.
        networkMode: "always",
        // What failed without one is read again when there is one.
        refetchOnReconnect: true,
        // What is remembered for the next visit must not be thrown away during this one.
        gcTime: Number.POSITIVE_INFINITY,
      },
    },
  });
}
