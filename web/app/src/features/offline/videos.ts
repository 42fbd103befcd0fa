/** The files of downloaded videos: which they are, and how they are stored and removed. */
import type { Material } from "progress-service-api-client";
import { filesOf, isWebAddress } from "../../lib/media/sources";
import { DOWNLOADED_VIDEOS } from "../../worker/names";

const H264 = 'video/mp4; codecs="avc1.42E01E, mp4a.40.2"';

/** The film in the format that this browser plays, and its text tracks; none of other origins. */
export function filesOfVideo({ type, source_url }: Material): string[] {
  if (type !== "video" || !isWebAddress(source_url)) return [];
  const { sources, captions, chapters } = filesOf(source_url, location.origin);
  if (!captions || !chapters) return [];
  const playsMp4 = document.createElement("video").canPlayType(H264) !== "";
  const film = playsMp4 ? sources.at(0) : sources.at(-1);
  return film ? [film.address, captions, chapters] : [];
}

/** Caches exist on HTTPS and localhost only. */
export const canDownload = () => "caches" in globalThis && "serviceWorker" in navigator;

/** The addresses of all files on this device. */
export async function downloadedAddresses(): Promise<ReadonlySet<string>> {
  const cache = await caches.open(DOWNLOADED_VIDEOS);
  return new Set((await cache.keys()).map(({ url }) => url));
}

/** Null when the server does not send it. */
export async function sizeOf(address: string): Promise<number | null> {
  const response = await fetch(address, { method: "HEAD" });
  return bytesOf(response);
}

/** Fetch a file as a stream, unless it is cached. */
export async function downloadFile(
  address: string,
  signal: AbortSignal,
  onProgress: (loadedBytes: number, totalBytes: number | null) => void,
): Promise<void> {
  const cache = await caches.open(DOWNLOADED_VIDEOS);
  if (await cache.match(address)) return;
  const response = await fetch(address, { signal });
  if (!response.ok || !response.body) throw new Error(`${response.status}`);
  const totalBytes = bytesOf(response);
  let loadedBytes = 0;
  const counted = response.body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        loadedBytes += chunk.byteLength;
        onProgress(loadedBytes, totalBytes);
        controller.enqueue(chunk);
      },
    }),
  );
  // An interrupted stream is not stored.
  await cache.put(address, new Response(counted, { headers: response.headers }));
}

export async function removeFiles(addresses: readonly string[]): Promise<void> {
  const cache = await caches.open(DOWNLOADED_VIDEOS);
  await Promise.all(addresses.map((address) => cache.delete(address)));
}

function bytesOf(response: Response): number | null {
  return Number(response.headers.get("Content-Length")) || null;
}
