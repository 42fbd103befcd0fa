/** A state that others subscribe to; every change is a new object. */

export interface ReadableStore<State> {
  readonly state: State;
  /** Called at every new state. Returns the function that unsubscribes. */
  subscribe: (listener: () => void) => () => void;
}

export interface Store<State> extends ReadableStore<State> {
  state: State;
  /** Notifies only when something is different. */
  set: (changed: Partial<State>) => void;
}

export function createStore<State extends object>(first: State): Store<State> {
  const listeners = new Set<() => void>();
  const self: Store<State> = {
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
