/** Delays the end of a state that changes often. */
import { useEffect, useState } from "react";

/** True while `isTrue`, and for `forSeconds` after it. */
export function useLingering(isTrue: boolean, forSeconds: number): boolean {
  const [lingers, setLingers] = useState(isTrue);
  useEffect(() => {
    if (isTrue) return setLingers(true);
    const timer = setTimeout(() => setLingers(false), forSeconds * 1000);
    return () => clearTimeout(timer);
  }, [isTrue, forSeconds]);
  return isTrue || lingers;
}
