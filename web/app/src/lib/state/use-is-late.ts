/** Detects that something takes too long. */
import { useEffect, useState } from "react";

/** True once `isPending` has been true for `afterSeconds` without a break. */
export function useIsLate(isPending: boolean, afterSeconds: number): boolean {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    if (!isPending) return;
    const timer = setTimeout(() => setLate(true), afterSeconds * 1000);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [isPending, afterSeconds]);
  return isPending && isLate;
}
