/** Who is signed in: the token, kept in this browser until sign-out or expiry. */
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
import { forgetQueries } from "./known";
import { readToken, type TokenClaims } from "./token";

const STORAGE_KEY = "progress.token";
/** Browsers count timers in 32 bits; a token that lives longer is looked at again. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface Session {
  token: string | null;
  claims: TokenClaims | null;
  /** Why nobody is signed in any more, with what to do. */
  notice: string | null;
  signIn: (token: string) => void;
  signOut: (notice?: string) => void;
}

const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession belongs inside a SessionProvider");
  return session;
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const [token, setToken] = useState(() => localStorage.getItem(STORAGE_KEY));
  const [notice, setNotice] = useState<string | null>(null);

  const signIn = useCallback((newToken: string) => {
    localStorage.setItem(STORAGE_KEY, newToken);
    setNotice(null);
    setToken(newToken);
  }, []);
  const signOut = useCallback((reason?: string) => {
    const left = readToken(localStorage.getItem(STORAGE_KEY) ?? "");
    if (left) forgetQueries(left.studentId);
    localStorage.removeItem(STORAGE_KEY);
    setNotice(reason ?? null);
    setToken(null);
  }, []);

  const claims = useMemo(() => (token ? readToken(token) : null), [token]);
  useExpiry(token, claims, signOut);
  useOtherTabs(setToken);

  const session = { token, claims, notice, signIn, signOut };
  return <SessionContext.Provider value={session}>{children}</SessionContext.Provider>;
}

/** Sign out at the moment the token expires, not at the next failed call. */
function useExpiry(
  token: string | null,
  claims: TokenClaims | null,
  signOut: (notice: string) => void,
): void {
  useEffect(() => {
    if (!token) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const check = () => {
      const leftMs = (claims?.expiresAtMs ?? 0) - Date.now();
      if (leftMs <= 0) signOut(strings.signIn.ended);
      else timer = setTimeout(check, Math.min(leftMs, LONGEST_TIMER_MS));
    };
    check();
    return () => clearTimeout(timer);
  }, [token, claims, signOut]);
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
