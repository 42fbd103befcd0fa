/** Hands the way to the service to every hook below it. */
import type { Link } from "progress-service-tracker";
import { type Live, openLive } from "progress-service-tracker/live";
import {
  createContext,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
} from "react";

interface Ways {
  link: Link;
  live: Live;
}

export interface ProgressProviderProps {
  link: Link;
  children: ReactNode;
}

const WaysContext = createContext<Ways | null>(null);

/**
 * While it is shown, what a closed page left behind is handed in over `link` (made once with
 * `openLink`, one for each account), and other devices are listened to.
 */
export function ProgressProvider({ link, children }: ProgressProviderProps): ReactElement {
  const ways = useMemo(() => ({ link, live: openLive(link) }), [link]);
  useEffect(() => {
    ways.link.outbox.start();
    ways.live.start();
    return () => {
      ways.link.outbox.stop();
      ways.live.stop();
    };
  }, [ways]);
  return <WaysContext.Provider value={ways}>{children}</WaysContext.Provider>;
}

/** The link of the provider above; null without one. */
export function useOptionalLink(): Link | null {
  return useContext(WaysContext)?.link ?? null;
}

export function useLink(): Link {
  return useWays().link;
}

export function useLive(): Live {
  return useWays().live;
}

function useWays(): Ways {
  const ways = useContext(WaysContext);
  if (!ways) throw new Error("This hook belongs inside a ProgressProvider");
  return ways;
}
