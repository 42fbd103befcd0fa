/** The way to the service for everything on the page: typed calls, and the tracker's link. */
import { createProgressClient, type ProgressClient } from "@progress/api-client";
import { openLink } from "@progress/tracker";
import { ProgressProvider } from "@progress/tracker-react";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { strings } from "../strings";
import { deviceId } from "./device";
import { recallQueries, rememberQueries } from "./known";
import { ApiProblem } from "./problem";
import { useSession } from "./session";
import { readToken } from "./token";

const MAX_RETRIES = 2;

interface Service {
  client: ProgressClient;
  accountId: string;
  deviceId: string;
}

const ServiceContext = createContext<Service | null>(null);

export function useService(): Service {
  const service = useContext(ServiceContext);
  if (!service) throw new Error("useService belongs inside a ServiceProvider");
  return service;
}

/** Mount it anew for each token: nothing one account has read is then left for the next. */
export function ServiceProvider({ token, children }: { token: string; children: ReactNode }) {
  const { signOut } = useSession();
  const [service] = useState<Service>(() => ({
    client: createProgressClient({ baseUrl: location.origin, token: () => token }),
    accountId: readToken(token)?.studentId ?? "",
    deviceId: deviceId(),
  }));
  const { accountId } = service;
  const [queryClient] = useState(() => {
    const made = createQueryClient(() => signOut(strings.signIn.ended));
    recallQueries(made, accountId);
    return made;
  });
  const [link] = useState(() =>
    openLink({
      accountId,
      deviceId: service.deviceId,
      token: () => token,
      async onUnauthenticated() {
        // The session ends with its token. Whether a token is good before that, the service says.
        void queryClient.invalidateQueries({ queryKey: ["progress"] });
        return false;
      },
    }),
  );
  useEffect(() => rememberQueries(queryClient, accountId), [queryClient, accountId]);
  return (
    <ServiceContext.Provider value={service}>
      <QueryClientProvider client={queryClient}>
        <ProgressProvider link={link}>{children}</ProgressProvider>
      </QueryClientProvider>
    </ServiceContext.Provider>
  );
}

function createQueryClient(onUnauthenticated: () => void): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
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
        // What is remembered for the next visit must not be thrown away during this one.
        gcTime: Number.POSITIVE_INFINITY,
      },
    },
  });
}
