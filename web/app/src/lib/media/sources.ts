/** Which files belong to a video. */
import { ROOT_PATH } from "../api/root-path";

export interface VideoFiles {
  sources: { address: string; type: string | undefined }[];
  captions: string | null;
  chapters: string | null;
}

/** HTTP and HTTPS only: no `javascript:`, `data:` or `file:` becomes a source or a link. */
export function isWebAddress(address: string | null | undefined): address is string {
  if (!address) return false;
  try {
    return ["http:", "https:"].includes(new URL(address, location.origin).protocol);
  } catch {
    return false;
  }
}

/** A path on this host belongs to the service, which a proxy may serve under a prefix. */
export function belowRoot(address: string): string {
  return /^\/(?!\/)/.test(address) ? ROOT_PATH + address : address;
}

/**
 * The files beside `sourceUrl`.
 *
 * An MP4 on our own origin has a WebM of the same name, for browsers without H.264, and
 * `.captions.vtt` and `.chapters.vtt`. Other origins have the given file only.
 */
export function filesOf(sourceUrl: string, origin: string): VideoFiles {
  const address = new URL(belowRoot(sourceUrl), origin);
  if (address.origin !== origin || !address.pathname.endsWith(".mp4")) {
    const sources = [{ address: belowRoot(sourceUrl), type: undefined }];
    return { sources, captions: null, chapters: null };
  }
  const stem = address.pathname.slice(0, -".mp4".length);
  return {
    sources: [
      { address: `${stem}.mp4`, type: "video/mp4" },
      { address: `${stem}.webm`, type: "video/webm" },
    ],
    captions: `${stem}.captions.vtt`,
    chapters: `${stem}.chapters.vtt`,
  };
}
