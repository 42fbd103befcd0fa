/**
 * Runs `task` one at a time. Calls during a run share one more run after it, because the current run
 * may have missed what they are about.
 */
export function coalesce(task: () => Promise<void>): () => Promise<void> {
  let current = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= current.then(() => {
      next = undefined;
      current = task();
      return current;
    });
    return next;
  };
}
