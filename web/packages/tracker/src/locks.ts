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
      manager?.request(name, () => released);
      return release;
    },
    async held() {
      if (!manager) return null;
      const { held = [] } = await manager.query();
      return new Set(held.map((lock) => lock.name ?? ""));
    },
    // Without locks two tabs may send the same report, which changes nothing.
    alone: async (name, run) => (manager ? await manager.request(name, run) : await run()),
  };
}
