/** The signed-in account: its token, stored in this browser until sign-out or until it is rejected. */
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
import { strings } from "../../strings";
import { removeOtherQueries, removeQueries } from "../api/query-persistence";
import { deviceStorage } from "./device-storage";
import { nowMs, type ServiceTime, timeOf } from "./service-time";
import { readToken, TOKEN_KEY, type TokenClaims } from "./token";

/** Browser timers have 32 bits; a token that lives longer is checked again. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface Session {
  token: string | null;
  claims: TokenClaims | null;
  /** Why a token is requested, with what to do. */
  notice: string | null;
  /** The token of a page in use has expired: the page stays, with a form for a new token. */
  isRenewing: boolean;
  signIn: (token: string) => void;
  signOut: () => void;
  /** The service does not accept the token: request another one, with the reason. */
  endSession: () => void;
  /** Every response has the time of the service; a successful one shows that the token is valid. */
  noteResponse: (response: Response) => void;
}

const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession belongs inside a SessionProvider");
  return session;
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const [stored] = useState(() => deviceStorage.get(TOKEN_KEY));
  const [token, setToken] = useState(stored);
  const [notice, setNotice] = useState<string | null>(null);
  const [isRenewing, setRenewing] = useState(false);
  /** The page shows data of the account; offline, data of an earlier visit. */
  const isInUse = useRef(stored !== null && !navigator.onLine);

  const signIn = useCallback((newToken: string) => {
    removeOtherQueries(readToken(newToken)?.studentId ?? "");
    deviceStorage.set(TOKEN_KEY, newToken);
    setNotice(null);
    setRenewing(false);
    setToken(newToken);
  }, []);
  // The stored data stays for its own account; another account that signs in removes it.
  const leave = useCallback((reason: string | null) => {
    deviceStorage.remove(TOKEN_KEY);
    isInUse.current = false;
    setRenewing(false);
    setNotice(reason);
    setToken(null);
  }, []);
  const signOut = useCallback(() => {
    const left = readToken(deviceStorage.get(TOKEN_KEY) ?? "");
    if (left) removeQueries(left.studentId);
    leave(null);
  }, [leave]);

  const claims = useMemo(() => (token ? readToken(token) : null), [token]);
  const [serviceTime, setServiceTime] = useState<ServiceTime | null>(null);
  /** The same, already after the response that is being processed. */
  const latestTime = useRef(serviceTime);
  /** A stored token was accepted on an earlier visit. */
  const accepted = useRef(stored);
  const noteResponse = useCallback(
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

  const session = { token, claims, notice, isRenewing, signIn, signOut, endSession, noteResponse };
  return <SessionContext.Provider value={session}>{children}</SessionContext.Provider>;
}

/** Infinity while the time of the service is unknown: a token is valid as long as it is accepted. */
function leftMsOf(claims: TokenClaims | null, time: ServiceTime | null): number {
  return claims && time ? claims.expiresAtMs - nowMs(time) : Number.POSITIVE_INFINITY;
}

/**
 * End the session when the token expires, not at the next failed request. Without a network there
 * is no way to get a new token: the page stays in use until there is one.
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

/** Signing in or out in one tab does so in every tab. */
function useOtherTabs(setToken: (token: string | null) => void): void {
  useEffect(() => {
    const follow = (event: StorageEvent) => {
      if (event.key === TOKEN_KEY) setToken(event.newValue);
    };
    window.addEventListener("storage", follow);
    return () => window.removeEventListener("storage", follow);
  }, [setToken]);
}
