/** A value that notifies its listeners; for `useSyncExternalStore`. */

export interface ReadableStore<Value> {
  readonly state: Value;
  /** Returns the function that unsubscribes. */
  subscribe: (listener: () => void) => () => void;
}

export interface Store<Value> extends ReadableStore<Value> {
  set: (value: Value) => void;
}

export function createStore<Value>(first: Value): Store<Value> {
  const listeners = new Set<() => void>();
  let state = first;
  return {
    get state() {
      return state;
    },
    set(value) {
      state = value;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
