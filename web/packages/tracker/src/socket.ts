/** A WebSocket to the service. Only pages that listen to other devices load this. */

/** As much of a `WebSocket` as is needed. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(text: string): void;
  close(): void;
}

/** @param path of the page's own origin unless `baseUrl` names another */
export function openSocket(baseUrl: string, path: string): Socket {
  const address = new URL(baseUrl + path, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  return new WebSocket(address) as Socket;
}
