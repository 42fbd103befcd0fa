/** Who is signed in: the token, kept in this browser until sign-out or until it is no longer good. */
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { strings } from "../strings";
import { deviceStorage } from "./device-storage";
import { forgetOtherQueries, forgetQueries } from "./known";
import { readToken, type TokenClaims } from "./token";

const STORAGE_KEY = "progress.token";
/** Less than this is latency; the time of the service is known well enough. */
const CLOCK_TOLERANCE_MS = 5_000;
/** Browsers count timers in 32 bits; a token that lives longer is looked at again. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface Session {
  token: string | null;
  claims: TokenClaims | null;
  /** Why a token is asked for, with what to do. */
  notice: string | null;
  /** The token has ended under a page in use: it stays, and a new token is asked for beside it. */
  isRenewing: boolean;
  signIn: (token: string) => void;
  signOut: () => void;
  /** The service does not accept the token: ask for another one, saying why. */
  endSession: () => void;
  /** Every answer tells the time of the service, and a good one that it accepts the token. */
  noteAnswer: (response: Response) => void;
}

const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession belongs inside a SessionProvider");
  return session;
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const [kept] = useState(() => deviceStorage.get(STORAGE_KEY));
  const [token, setToken] = useState(kept);
  const [notice, setNotice] = useState<string | null>(null);
  const [isRenewing, setRenewing] = useState(false);
  /** The page shows something of the account; offline, what was read on an earlier visit. */
  const isInUse = useRef(kept !== null && !navigator.onLine);

  const signIn = useCallback((newToken: string) => {
    forgetOtherQueries(readToken(newToken)?.studentId ?? "");
    deviceStorage.set(STORAGE_KEY, newToken);
    setNotice(null);
    setRenewing(false);
    setToken(newToken);
  }, []);
  // What is known waits for its own account; whoever else signs in takes it away.
  const leave = useCallback((reason: string | null) => {
    deviceStorage.remove(STORAGE_KEY);
    isInUse.current = false;
    setRenewing(false);
    setNotice(reason);
    setToken(null);
  }, []);
  const signOut = useCallback(() => {
    const left = readToken(deviceStorage.get(STORAGE_KEY) ?? "");
    if (left) forgetQueries(left.studentId);
    leave(null);
  }, [leave]);

  const claims = useMemo(() => (token ? readToken(token) : null), [token]);
  const [serviceTime, setServiceTime] = useState<ServiceTime | null>(null);
  /** The same for a call that has just been answered. */
  const latestTime = useRef(serviceTime);
  /** A token of an earlier visit was accepted then. */
  const accepted = useRef(kept);
  const noteAnswer = useCallback(
    (response: Response) => {
      if (response.ok) {
        accepted.current = token;
        isInUse.current = true;
      }
      latestTime.current = timeOf(response, latestTime.current);
      setServiceTime(latestTime.current);
    },
    [token],
  );
  const endSession = useCallback(() => {
    const { ended, expired, notAccepted } = strings.signIn;
    const isExpired = leftMsOf(claims, latestTime.current) <= 0;
    const reason = accepted.current === token ? ended : isExpired ? expired : notAccepted;
    if (!isInUse.current) return leave(reason);
    setNotice(reason);
    setRenewing(true);
  }, [token, claims, leave]);
  useExpiry(claims, serviceTime, endSession);
  useOtherTabs(
    useCallback((newToken: string | null) => {
      setRenewing(false);
      setToken(newToken);
    }, []),
  );

  const session = { token, claims, notice, isRenewing, signIn, signOut, endSession, noteAnswer };
  return <SessionContext.Provider value={session}>{children}</SessionContext.Provider>;
}

/** What the service's clock said, and when: the clock of a device may be hours off, or set anew. */
interface ServiceTime {
  wallMs: number;
  steadyMs: number;
}

function timeOf(response: Response, known: ServiceTime | null): ServiceTime | null {
  const wallMs = Date.parse(response.headers.get("Date") ?? "");
  if (Number.isNaN(wallMs)) return known;
  const isKnown = known && Math.abs(wallMs - nowMs(known)) < CLOCK_TOLERANCE_MS;
  return isKnown ? known : { wallMs, steadyMs: performance.now() };
}

const nowMs = ({ wallMs, steadyMs }: ServiceTime) => wallMs + performance.now() - steadyMs;

/** Endless until the service has told the time: then a token is good as long as it is accepted. */
function leftMsOf(claims: TokenClaims | null, time: ServiceTime | null): number {
  return claims && time ? claims.expiresAtMs - nowMs(time) : Number.POSITIVE_INFINITY;
}

/**
 * Tell at the moment the token expires, not at the next failed call. Without a network nobody asks
 * for a token, and nobody could get one: until there is one, what is kept here goes on.
 */
function useExpiry(
  claims: TokenClaims | null,
  time: ServiceTime | null,
  endSession: () => void,
): void {
  useEffect(() => {
    if (!claims || !time) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const check = () => {
      clearTimeout(timer);
      const leftMs = leftMsOf(claims, time);
      if (leftMs > 0) timer = setTimeout(check, Math.min(leftMs, LONGEST_TIMER_MS));
      else if (navigator.onLine) endSession();
    };
    check();
    window.addEventListener("online", check);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("online", check);
    };
  }, [claims, time, endSession]);
}

/** Signing in or out in one tab holds for all of them. */
function useOtherTabs(setToken: (token: string | null) => void): void {
  useEffect(() => {
    const follow = (event: StorageEvent) => {
      if (event.key === STORAGE_KEY) setToken(event.newValue);
    };
    window.addEventListener("storage", follow);
    return () => window.removeEventListener("storage", follow);
  }, [setToken]);
}
