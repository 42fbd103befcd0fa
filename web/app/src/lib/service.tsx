/** The way to the service for everything on the page: typed calls, and the tracker's link. */
import { createProgressClient, type ProgressClient } from "@progress/api-client";
import { openLink, type Rejection } from "@progress/tracker";
import { ProgressProvider } from "@progress/tracker-react";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { strings } from "../strings";
import { deviceId } from "./device";
import { recallQueries, rememberQueries } from "./known";
import { ApiProblem } from "./problem";
import { ROOT_PATH, SERVICE_URL } from "./root-path";
import { useSession } from "./session";
import { readToken } from "./token";

const MAX_RETRIES = 2;

interface Connection {
  client: ProgressClient;
  accountId: string;
  deviceId: string;
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

/** Mount it anew for each token: nothing one account has read is then left for the next. */
export function ServiceProvider({ token, children }: { token: string; children: ReactNode }) {
  const { askAgain, isKept } = useSession();
  const [connection] = useState<Connection>(() => ({
    client: createProgressClient({ baseUrl: SERVICE_URL, token: () => token }),
    accountId: readToken(token)?.studentId ?? "",
    deviceId: deviceId(),
  }));
  const { accountId } = connection;
  const [refused, setRefused] = useState<readonly Rejection[]>([]);
  const [queryClient] = useState(() => {
    let wasAccepted = isKept;
    const made = createQueryClient({
      onAccepted() {
        wasAccepted = true;
      },
      onUnauthenticated: () =>
        askAgain(wasAccepted ? strings.signIn.ended : strings.signIn.notAccepted),
    });
    recallQueries(made, accountId);
    return made;
  });
  const [link] = useState(() =>
    openLink({
      baseUrl: ROOT_PATH,
      accountId,
      deviceId: connection.deviceId,
      token: () => token,
      async onUnauthenticated() {
        // The session ends with its token. Whether a token is good before that, the service says.
        void queryClient.invalidateQueries({ queryKey: ["progress"] });
        return false;
      },
      onRejected: (rejection) => setRefused((known) => [...known, rejection]),
    }),
  );
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

interface TokenListener {
  onAccepted: () => void;
  onUnauthenticated: () => void;
}

function createQueryClient({ onAccepted, onUnauthenticated }: TokenListener): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onSuccess: onAccepted,
      onError(error) {
        if (error instanceof ApiProblem && error.status === 401) onUnauthenticated();
      },
    }),
    defaultOptions: {
      queries: {
        retry: (failures, error) =>
          failures < MAX_RETRIES &&
          error instanceof ApiProblem &&
          error.isPassing &&
          navigator.onLine,
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
