/** Locks across the tabs of one browser, where the browser has them. */

export interface Locks {
  /** Hold the lock until the returned function is called or the page is gone. */
  hold(name: string): () => void;
  /** The locks held in any tab; null where that is unknown. */
  held(): Promise<ReadonlySet<string> | null>;
  /** Run `run` while no other tab holds the lock. */
  alone<T>(name: string, run: () => Promise<T>): Promise<T>;
}

export function browserLocks(
  manager: LockManager | undefined = globalThis.navigator?.locks,
): Locks {
  return {
    hold(name) {
      let release!: () => void;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      // Browsers that deny storage to a page deny it locks too.
      manager?.request(name, () => released).catch(() => {});
      return release;
    },
    async held() {
      const found = await manager?.query().catch(() => null);
      return found ? new Set(found.held?.map((lock) => lock.name ?? "")) : null;
    },
    async alone(name, run) {
      let result: ReturnType<typeof run> | undefined;
      await manager?.request(name, () => (result = run())).catch(() => {});
      // Without locks two tabs may send the same report, which is harmless.
      return result ?? run();
    },
  };
}
