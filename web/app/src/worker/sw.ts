/** The service worker: the app opens without a connection, and kept videos play from this device. */
import { clientsClaim } from "workbox-core";
import {
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  type PrecacheEntry,
  precacheAndRoute,
} from "workbox-precaching";
import { createPartialResponse } from "workbox-range-requests";
import { NavigationRoute, registerRoute, setCatchHandler } from "workbox-routing";
import { KEPT_VIDEOS, USE_NEW_VERSION } from "./names";

interface WorkerScope {
  __WB_MANIFEST: (PrecacheEntry | string)[];
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  location: Location;
  skipWaiting(): Promise<void>;
}
declare const self: WorkerScope;

/** Below which the app is served. */
const ROOT = new URL(".", self.location.href).pathname;
/** Pages of the service that are not the app's. */
const NOT_THE_APP = new RegExp(
  `^${ROOT.replaceAll(".", "\\.")}(api|demo|docs|redoc|openapi\\.json|metrics|healthz|readyz)(/|$)`,
);

const CACHE_WITHIN_MS = 3_000;

precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();
clientsClaim();
registerRoute(
  new NavigationRoute(createHandlerBoundToURL(`${ROOT}index.html`), {
    denylist: [NOT_THE_APP],
  }),
);

// Videos are kept on request only. A player asks for a range of them, which caches do not know.
registerRoute(
  ({ request, sameOrigin }) => sameOrigin && ["video", "track"].includes(request.destination),
  async ({ request }) => {
    const kept = await keptVideo(request.url);
    if (!kept) return fetch(request);
    return request.headers.has("Range") ? createPartialResponse(request, kept) : kept;
  },
);

/** Undefined where the browser does not let us look, or does not answer: the network has it too. */
async function keptVideo(address: string): Promise<Response | undefined> {
  const found = caches.open(KEPT_VIDEOS).then((cache) => cache.match(address));
  const none = new Promise<undefined>((resolve) => setTimeout(resolve, CACHE_WITHIN_MS));
  return Promise.race([found.catch(() => undefined), none]);
}

// A page whose files cannot be read from the cache comes from the network.
setCatchHandler(async ({ request }) => fetch(request));

// A new version waits until the learner wants it: nothing changes under a playing video.
self.addEventListener("message", ({ data }) => {
  if (data === USE_NEW_VERSION) void self.skipWaiting();
});
