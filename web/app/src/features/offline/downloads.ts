/** What is kept on this device, what is on its way, and what of it can be cancelled. */
import type { Material } from "progress-service-api-client";
import { createStore } from "../../lib/readable-store";
import { canKeep, filesToKeep, keepFile, keptAddresses, removeFiles } from "./videos";

export type Download =
  | { status: "unknown" | "away" | "kept" | "failed" }
  | { status: "keeping"; loadedBytes: number; totalBytes: number | null };

export type Downloads = ReadonlyMap<string, Download>;

/** A bar that moves more often is not seen to. */
const PROGRESS_EVERY_MS = 250;
const UNKNOWN: Download = { status: "unknown" };

const store = createStore<Downloads>(new Map());
const running = new Map<string, AbortController>();

export const downloads = {
  subscribe: store.subscribe,
  of: (videoId: string): Download => store.state.get(videoId) ?? UNKNOWN,
};

/** One look at the cache for all of `videos`. */
export async function readDownloads(videos: readonly Material[]): Promise<void> {
  const found = await keptAddresses().catch(() => null);
  const next = new Map(store.state);
  for (const video of videos) {
    if (running.has(video.material_id)) continue;
    const isKept = found && filesToKeep(video).every((file) => found.has(absolute(file)));
    next.set(video.material_id, { status: isKept ? "kept" : found ? "away" : "failed" });
  }
  store.set(next);
}

/** The film counts: its text tracks are small. Resolves when it is kept, failed or cancelled. */
export async function keepVideo(video: Material): Promise<void> {
  const { material_id: videoId } = video;
  if (running.has(videoId) || downloads.of(videoId).status === "kept") return;
  const stop = new AbortController();
  running.set(videoId, stop);
  let nextAtMs = 0;
  const show = (loadedBytes: number, totalBytes: number | null) => {
    if (performance.now() < nextAtMs) return;
    nextAtMs = performance.now() + PROGRESS_EVERY_MS;
    note(videoId, { status: "keeping", loadedBytes, totalBytes });
  };
  show(0, null);
  try {
    // The browser may otherwise throw them away when space is short; it may also say no.
    await navigator.storage?.persist?.();
    const [film, ...tracks] = filesToKeep(video);
    if (film) await keepFile(film, stop.signal, show);
    for (const track of tracks) await keepFile(track, stop.signal, () => {});
    note(videoId, { status: "kept" });
  } catch {
    await removeFiles(filesToKeep(video)).catch(() => {});
    note(videoId, { status: stop.signal.aborted ? "away" : "failed" });
  } finally {
    running.delete(videoId);
  }
}

export function cancelDownload(videoId: string): void {
  running.get(videoId)?.abort();
}

/** Resolves when the cache has been asked what is left, whether or not the removal worked. */
export async function removeVideo(video: Material): Promise<void> {
  await removeFiles(filesToKeep(video)).catch(() => {});
  await readDownloads([video]);
}

/** Those that can be kept at all. */
export function videosToKeep(materials: readonly Material[]): Material[] {
  return canKeep() ? materials.filter((material) => filesToKeep(material).length > 0) : [];
}

function note(videoId: string, download: Download): void {
  store.set(new Map(store.state).set(videoId, download));
}

const absolute = (address: string) => new URL(address, location.origin).href;
