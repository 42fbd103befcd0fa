/** A value that others follow; every change is a new object. */

export interface Followed<State> {
  readonly state: State;
  /** Hear of every new state. Returns the way to stop. */
  subscribe: (listener: () => void) => () => void;
}

export interface Observable<State> extends Followed<State> {
  state: State;
  /** Tells nobody when nothing is different. */
  set: (changed: Partial<State>) => void;
}

export function observable<State extends object>(first: State): Observable<State> {
  const listeners = new Set<() => void>();
  const self: Observable<State> = {
    state: first,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set(changed) {
      const names = Object.keys(changed) as (keyof State)[];
      if (names.every((name) => self.state[name] === changed[name])) return;
      self.state = { ...self.state, ...changed };
      for (const listener of listeners) listener();
    },
  };
  return self;
}
