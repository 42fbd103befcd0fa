/** Notices when something takes longer than a learner should be kept waiting. */
import { useEffect, useState } from "react";

/** True once `isPending` has held for so long without a break. */
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
