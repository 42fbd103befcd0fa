/** The downloads of this device and their states. */
import type { Material } from "progress-service-api-client";
import { onDeviceCleared } from "../../lib/session/clear-device";
import { createStore } from "../../lib/state/readable-store";
import {
  canDownload,
  downloadedAddresses,
  downloadFile,
  filesOfVideo,
  removeFiles,
} from "./videos";

export type Download =
  | { status: "unknown" | "absent" | "downloaded" | "failed" }
  | { status: "running"; loadedBytes: number; totalBytes: number | null };

export type Downloads = ReadonlyMap<string, Download>;

/** More frequent updates are not visible. */
const PROGRESS_EVERY_MS = 250;
const UNKNOWN: Download = { status: "unknown" };

const store = createStore<Downloads>(new Map());
const running = new Map<string, AbortController>();

export const downloads = {
  subscribe: store.subscribe,
  of: (videoId: string): Download => store.state.get(videoId) ?? UNKNOWN,
};

onDeviceCleared(() => {
  for (const stop of running.values()) stop.abort();
  store.set(new Map([...store.state.keys()].map((videoId) => [videoId, { status: "absent" }])));
});

/** Read the states of all `videos` from the cache at once. */
export async function readDownloads(videos: readonly Material[]): Promise<void> {
  const found = await downloadedAddresses().catch(() => null);
  const next = new Map(store.state);
  for (const video of videos) {
    if (running.has(video.material_id)) continue;
    const isDownloaded = found && filesOfVideo(video).every((file) => found.has(absolute(file)));
    const status = isDownloaded ? "downloaded" : found ? "absent" : "failed";
    next.set(video.material_id, { status });
  }
  store.set(next);
}

/**
 * Resolves when the video is downloaded, failed or cancelled. The progress is that of the film: its text
 * tracks are small.
 */
export async function downloadVideo(video: Material): Promise<void> {
  const { material_id: videoId } = video;
  if (running.has(videoId) || downloads.of(videoId).status === "downloaded") return;
  const stop = new AbortController();
  running.set(videoId, stop);
  let nextAtMs = 0;
  const show = (loadedBytes: number, totalBytes: number | null) => {
    if (performance.now() < nextAtMs) return;
    nextAtMs = performance.now() + PROGRESS_EVERY_MS;
    note(videoId, { status: "running", loadedBytes, totalBytes });
  };
  show(0, null);
  try {
    // Asks the browser not to delete them when space is short; it may decline.
    await navigator.storage?.persist?.();
    const [film, ...tracks] = filesOfVideo(video);
    if (film) await downloadFile(film, stop.signal, show);
    for (const track of tracks) await downloadFile(track, stop.signal, () => {});
    note(videoId, { status: "downloaded" });
  } catch {
    await removeFiles(filesOfVideo(video)).catch(() => {});
    note(videoId, { status: stop.signal.aborted ? "absent" : "failed" });
  } finally {
    running.delete(videoId);
  }
}

export function cancelDownload(videoId: string): void {
  running.get(videoId)?.abort();
}

/** Resolves after the state was read again, whether or not the removal worked. */
export async function removeVideo(video: Material): Promise<void> {
  await removeFiles(filesOfVideo(video)).catch(() => {});
  await readDownloads([video]);
}

/** The videos that can be downloaded. */
export function downloadableVideos(materials: readonly Material[]): Material[] {
  return canDownload() ? materials.filter((material) => filesOfVideo(material).length > 0) : [];
}

function note(videoId: string, download: Download): void {
  store.set(new Map(store.state).set(videoId, download));
}

const absolute = (address: string) => new URL(address, location.origin).href;
