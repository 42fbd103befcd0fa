/** The network as the tracker sees it, so that tests can hand in their own. */

/** As much of a `WebSocket` as is needed. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface Network {
  fetch(address: string, request: RequestInit): Promise<Response>;
  /** @param path of the service's own origin unless `baseUrl` names another */
  socket(baseUrl: string, path: string): Socket;
  /** False only when there is surely no network. */
  isOnline(): boolean;
  /** Call `onChange` whenever it may be worth trying again; returns the way to stop. */
  watch(onChange: () => void): () => void;
}

export const browserNetwork: Network = {
  fetch: (address, request) => globalThis.fetch(address, request),
  socket(baseUrl, path) {
    const address = new URL(baseUrl + path, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    return new WebSocket(address) as Socket;
  },
  isOnline: () => globalThis.navigator?.onLine !== false,
  watch(onChange) {
    const stop = new AbortController();
    for (const event of ["online", "offline", "pageshow", "visibilitychange"]) {
      addEventListener(event, onChange, stop);
    }
    return () => stop.abort();
  },
};
