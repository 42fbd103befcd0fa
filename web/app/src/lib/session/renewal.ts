/** Lets requests wait for a new token. */
import { useEffect, useRef } from "react";
import { useLatest } from "../state/use-latest";

export interface Renewal {
  /** True when a new token is in place, false when the page is closed without one. */
  wait: () => Promise<boolean>;
  finish: (isRenewed: boolean) => void;
}

export function createRenewal(): Renewal {
  const waiting = new Set<(isRenewed: boolean) => void>();
  return {
    wait: () => new Promise((resolve) => waiting.add(resolve)),
    finish(isRenewed) {
      for (const resolve of waiting) resolve(isRenewed);
      waiting.clear();
    },
  };
}

/** Finish `renewal` when `token` changes; `onRenewed` reads again what failed meanwhile. */
export function useRenewal(renewal: Renewal, token: string, onRenewed: () => void): void {
  const current = useRef(token);
  const latest = useLatest(onRenewed);
  useEffect(() => {
    if (token === current.current) return;
    current.current = token;
    renewal.finish(true);
    latest.current();
  }, [renewal, token, latest]);
  useEffect(() => () => renewal.finish(false), [renewal]);
}
