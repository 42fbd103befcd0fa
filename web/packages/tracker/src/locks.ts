/** What several tabs of one browser agree about, where the browser offers locks. */

export interface Locks {
  /** Hold `name` until the returned function is called, or the page is gone. */
  hold(name: string): () => void;
  /** The names held in any tab; null where nobody can tell. */
  held(): Promise<ReadonlySet<string> | null>;
  /** Run it while no other tab does. */
  alone<T>(name: string, run: () => Promise<T>): Promise<T>;
}

export function browserLocks(
  manager: LockManager | undefined = globalThis.navigator?.locks,
): Locks {
  return {
    hold(name) {
      let release = () => {};
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      // A page that may store nothing may not lock anything either.
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
      // Without locks two tabs may send the same report, which changes nothing.
      return result ?? run();
    },
  };
}
