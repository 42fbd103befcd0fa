/** What this browser holds for an account. */
import type { ReportStore } from "progress-service-tracker";
import { deviceStorage } from "../../lib/session/device-storage";
import { DOWNLOADED_VIDEOS } from "../../worker/names";

export interface DeviceContents {
  /** Reports that the service has not stored. */
  pending: number;
  /** Copies of stored places. */
  places: number;
  downloads: number;
  downloadedBytes: number;
  hasPages: boolean;
  hasSettings: boolean;
}

const TIMEOUT_MS = 4_000;

/** Null when the storage does not respond. */
export async function readDeviceContents(
  accountId: string,
  store: ReportStore,
): Promise<DeviceContents | null> {
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), TIMEOUT_MS));
  return Promise.race([read(accountId, store), late]);
}

async function read(accountId: string, store: ReportStore): Promise<DeviceContents> {
  const entries = await store.all(accountId);
  const copies = entries.filter(({ isStored }) => isStored);
  const keys = deviceStorage.keys();
  return {
    pending: entries.length - copies.length,
    places: copies.length,
    ...(await readDownloads()),
    hasPages: keys.includes(`progress.known.${accountId}`),
    hasSettings: keys.some((key) => key === "progress.player" || key.startsWith("progress.folds.")),
  };
}

async function readDownloads(): Promise<Pick<DeviceContents, "downloads" | "downloadedBytes">> {
  let downloads = 0;
  let downloadedBytes = 0;
  try {
    // Opening a cache would create it.
    if (!(await caches.has(DOWNLOADED_VIDEOS))) return { downloads, downloadedBytes };
    const cache = await caches.open(DOWNLOADED_VIDEOS);
    for (const request of await cache.keys()) {
      const response = await cache.match(request);
      const type = response?.headers.get("Content-Type") ?? "";
      // The text tracks belong to their films.
      if (type.startsWith("video/") || type.startsWith("audio/")) downloads += 1;
      downloadedBytes += Number(response?.headers.get("Content-Length")) || 0;
    }
  } catch {
    // Caches exist on HTTPS and localhost only.
  }
  return { downloads, downloadedBytes };
}
