/** Deletes what this browser holds for the app. */
import { DOWNLOADED_VIDEOS } from "../../worker/names";
import { deviceStorage } from "./device-storage";
import { TOKEN_KEY } from "./token";

/** Some browsers never respond to a use of their caches. */
const TIMEOUT_MS = 3_000;

const listeners = new Set<() => unknown>();

/** Call `onClear` to delete what is in memory. Returns the function that unsubscribes. */
export function onDeviceCleared(onClear: () => unknown): () => void {
  listeners.add(onClear);
  return () => listeners.delete(onClear);
}

/**
 * Delete reports, copies, downloaded videos and settings, in memory and in the storage of this browser.
 * The learner stays signed in: the token is the only thing that remains.
 */
export async function clearDevice(): Promise<void> {
  deviceStorage.clear(TOKEN_KEY);
  await Promise.all([...listeners].map((onClear) => onClear()));
  await Promise.race([
    removeDownloads(),
    new Promise((resolve) => setTimeout(resolve, TIMEOUT_MS)),
  ]);
}

async function removeDownloads(): Promise<void> {
  try {
    await caches.delete(DOWNLOADED_VIDEOS);
  } catch {
    // Without caches nothing was downloaded.
  }
}
