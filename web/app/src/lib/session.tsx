/** Who is signed in: the token, kept in this browser until sign-out or until it is no longer good. */
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
} from "react";
import { strings } from "../strings";
import { forgetOtherQueries, forgetQueries } from "./known";
import { readToken, type TokenClaims } from "./token";

const STORAGE_KEY = "progress.token";
/** Browsers count timers in 32 bits; a token that lives longer is looked at again. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface Session {
  token: string | null;
  claims: TokenClaims | null;
  /** It was kept from an earlier visit, so it was good then. */
  isKept: boolean;
  /** Why nobody is signed in any more, with what to do. */
  notice: string | null;
  signIn: (token: string) => void;
  signOut: () => void;
  /** The token is not good: ask for another one, saying why. */
  askAgain: (reason: string) => void;
}

const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession belongs inside a SessionProvider");
  return session;
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const [kept] = useState(() => localStorage.getItem(STORAGE_KEY));
  const [token, setToken] = useState(kept);
  const [notice, setNotice] = useState<string | null>(null);

  const signIn = useCallback((newToken: string) => {
    forgetOtherQueries(readToken(newToken)?.studentId ?? "");
    localStorage.setItem(STORAGE_KEY, newToken);
    setNotice(null);
    setToken(newToken);
  }, []);
  // What is known waits for its own account; whoever else signs in takes it away.
  const askAgain = useCallback((reason: string | null) => {
    localStorage.removeItem(STORAGE_KEY);
    setNotice(reason);
    setToken(null);
  }, []);
  const signOut = useCallback(() => {
    const left = readToken(localStorage.getItem(STORAGE_KEY) ?? "");
    if (left) forgetQueries(left.studentId);
    askAgain(null);
  }, [askAgain]);

  const claims = useMemo(() => (token ? readToken(token) : null), [token]);
  useExpiry(token, claims, askAgain);
  useOtherTabs(setToken);

  const session = { token, claims, isKept: token === kept, notice, signIn, signOut, askAgain };
  return <SessionContext.Provider value={session}>{children}</SessionContext.Provider>;
}

/**
 * Tell at the moment the token expires, not at the next failed call. Without a network nobody asks
 * for a token, and nobody could get one: until there is one, what is kept here goes on.
 */
function useExpiry(
  token: string | null,
  claims: TokenClaims | null,
  askAgain: (reason: string) => void,
): void {
  useEffect(() => {
    if (!token) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const check = () => {
      clearTimeout(timer);
      const leftMs = (claims?.expiresAtMs ?? 0) - Date.now();
      if (leftMs > 0) timer = setTimeout(check, Math.min(leftMs, LONGEST_TIMER_MS));
      else if (navigator.onLine) askAgain(strings.signIn.ended);
    };
    check();
    window.addEventListener("online", check);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("online", check);
    };
  }, [token, claims, askAgain]);
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
