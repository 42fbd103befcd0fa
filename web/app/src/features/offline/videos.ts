/** The videos kept on this device: which files they are, and how they come and go. */
import type { Course } from "progress-service-api-client";
import { filesOf, isWebAddress } from "../../lib/sources";
import { KEPT_VIDEOS } from "../../worker/names";

const H264 = 'video/mp4; codecs="avc1.42E01E, mp4a.40.2"';

/** The files of a course's videos that this browser plays. Other people's servers are left out. */
export function filesToKeep(course: Course): string[] {
  const playsMp4 = document.createElement("video").canPlayType(H264) !== "";
  return course.materials.flatMap(({ type, source_url }) => {
    if (type !== "video" || !isWebAddress(source_url)) return [];
    const { sources, captions, chapters } = filesOf(source_url, location.origin);
    if (!captions || !chapters) return [];
    const film = playsMp4 ? sources.at(0) : sources.at(-1);
    return film ? [film.address, captions, chapters] : [];
  });
}

/** Caches exist on HTTPS and on this machine only. */
export const canKeep = () => "caches" in globalThis && "serviceWorker" in navigator;

export async function areKept(addresses: readonly string[]): Promise<boolean> {
  const cache = await caches.open(KEPT_VIDEOS);
  const found = await Promise.all(addresses.map((address) => cache.match(address)));
  return found.every(Boolean);
}

/** Fetch them one after another; what is there already is not fetched again. */
export async function keep(
  addresses: readonly string[],
  onProgress: (done: number) => void,
): Promise<void> {
  // The browser may otherwise throw them away when space is short; it may also say no.
  await navigator.storage?.persist?.();
  const cache = await caches.open(KEPT_VIDEOS);
  for (const [index, address] of addresses.entries()) {
    if (!(await cache.match(address))) await cache.add(address);
    onProgress(index + 1);
  }
}

export async function letGo(addresses: readonly string[]): Promise<void> {
  const cache = await caches.open(KEPT_VIDEOS);
  await Promise.all(addresses.map((address) => cache.delete(address)));
}
