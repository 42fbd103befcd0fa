/** A WebSocket to the service. Only pages that follow other devices load this. */

/** The part of `WebSocket` that is used. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(text: string): void;
  close(): void;
}

/** @param path at `baseUrl`, or else at the origin of the page */
export function openSocket(baseUrl: string, path: string): Socket {
  const address = new URL(baseUrl + path, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  return new WebSocket(address) as Socket;
}
