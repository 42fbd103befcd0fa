/** The network as the tracker sees it, so that tests can hand in their own. */

import type { Socket } from "./socket";

export interface Network {
  fetch(address: string, request: RequestInit): Promise<Response>;
  /** The browser's own WebSocket unless given. */
  socket?: (baseUrl: string, path: string) => Socket;
  /** False only when there is surely no network. */
  isOnline(): boolean;
  /** Call `onChange` whenever it may be worth trying again; returns the way to stop. */
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
