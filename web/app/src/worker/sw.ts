/** The service worker: the app opens without a network, and downloaded videos play from this device. */
import { clientsClaim } from "workbox-core";
import {
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  type PrecacheEntry,
  precacheAndRoute,
} from "workbox-precaching";
import { createPartialResponse } from "workbox-range-requests";
import { NavigationRoute, registerRoute, setCatchHandler } from "workbox-routing";
import { DOWNLOADED_VIDEOS, USE_NEW_VERSION } from "./names";

interface WorkerScope {
  __WB_MANIFEST: (PrecacheEntry | string)[];
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  location: Location;
  skipWaiting(): Promise<void>;
}
declare const self: WorkerScope;

/** The path under which the app is served. */
const ROOT = new URL(".", self.location.href).pathname;
/** Paths of the service that do not belong to the app. */
const OTHER_PATHS = new RegExp(
  `^${ROOT.replaceAll(".", "\\.")}(api|demo|docs|redoc|openapi\\.json|metrics|healthz|readyz)(/|$)`,
);

const CACHE_TIMEOUT_MS = 3_000;

precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();
clientsClaim();
registerRoute(
  new NavigationRoute(createHandlerBoundToURL(`${ROOT}index.html`), {
    denylist: [OTHER_PATHS],
  }),
);

// Videos are downloaded on request only. Players request ranges, which caches do not support.
registerRoute(
  ({ request, sameOrigin }) => sameOrigin && ["video", "track"].includes(request.destination),
  async ({ request }) => {
    const downloaded = await downloadedVideo(request.url);
    if (!downloaded) return fetch(request);
    return request.headers.has("Range") ? createPartialResponse(request, downloaded) : downloaded;
  },
);

/** Undefined where the cache is blocked or unresponsive: the network is used then. */
async function downloadedVideo(address: string): Promise<Response | undefined> {
  const found = caches.open(DOWNLOADED_VIDEOS).then((cache) => cache.match(address));
  const none = new Promise<undefined>((resolve) => setTimeout(resolve, CACHE_TIMEOUT_MS));
  return Promise.race([found.catch(() => undefined), none]);
}

// Files that cannot be read from the cache come from the network.
setCatchHandler(async ({ request }) => fetch(request));

// A new version waits for the learner, so that nothing changes during a playing video.
self.addEventListener("message", ({ data }) => {
  if (data === USE_NEW_VERSION) void self.skipWaiting();
});
