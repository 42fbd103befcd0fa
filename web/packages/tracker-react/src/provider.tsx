/** Gives the tracker client and its live states to every hook below it. */
import type { TrackerClient } from "progress-service-tracker";
import { type Live, openLive } from "progress-service-tracker/live";
import {
  createContext,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
} from "react";

interface Connection {
  client: TrackerClient;
  live: Live;
}

export interface ProgressProviderProps {
  /** Made once with `createTrackerClient`, one for each account. */
  client: TrackerClient;
  children: ReactNode;
}

const ConnectionContext = createContext<Connection | null>(null);

/** While it is mounted, the outbox sends the reports of closed pages, and live states are received. */
export function ProgressProvider({ client, children }: ProgressProviderProps): ReactElement {
  const connection = useMemo(() => ({ client, live: openLive(client) }), [client]);
  useEffect(() => {
    connection.client.outbox.start();
    connection.live.start();
    return () => {
      connection.client.outbox.stop();
      connection.live.stop();
    };
  }, [connection]);
  return <ConnectionContext.Provider value={connection}>{children}</ConnectionContext.Provider>;
}

/** The client of the provider above; null without one. */
export function useOptionalTrackerClient(): TrackerClient | null {
  return useContext(ConnectionContext)?.client ?? null;
}

export function useTrackerClient(): TrackerClient {
  return useConnection().client;
}

export function useLive(): Live {
  return useConnection().live;
}

function useConnection(): Connection {
  const connection = useContext(ConnectionContext);
  if (!connection) throw new Error("This hook belongs inside a ProgressProvider");
  return connection;
}
