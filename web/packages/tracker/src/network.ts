/** The network as an interface, so that tests can pass their own. */
import type { Socket } from "./socket";

export interface Network {
  fetch(address: string, request: RequestInit): Promise<Response>;
  /** The browser's WebSocket when left out. */
  socket?: (baseUrl: string, path: string) => Socket;
  /** False only when there is certainly no network. */
  isOnline(): boolean;
  /** Call `onChange` when a retry may succeed. Returns the function that stops it. */
  watch(onChange: () => void): () => void;
}

export const browserNetwork: Network = {
  fetch: (address, request) => globalThis.fetch(address, request),
  isOnline: () => globalThis.navigator?.onLine !== false,
  watch(onChange) {
    const stop = new AbortController();
    for (const event of ["online", "offline", "pageshow", "visibilitychange"]) {
      addEventListener(event, onChange, stop);
    }
    return () => stop.abort();
  },
};
