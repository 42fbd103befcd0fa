/** Registers the service worker, and reports a newer version of the app. */
import { ROOT_PATH } from "../lib/api/root-path";
import { USE_NEW_VERSION } from "./names";

/** @param onReady receives the function that activates the new version and reloads the page. */
export async function registerWorker(onReady: (activate: () => void) => void): Promise<void> {
  // Browsers allow workers on HTTPS and localhost only; the app works without one.
  if (!("serviceWorker" in navigator) || !import.meta.env.PROD) return;
  try {
    await register(navigator.serviceWorker, onReady);
  } catch {
    // Browsers that block storage block workers too.
  }
}

async function register(
  serviceWorker: ServiceWorkerContainer,
  onReady: (activate: () => void) => void,
): Promise<void> {
  const hadWorker = serviceWorker.controller !== null;
  const registration = await serviceWorker.register(`${ROOT_PATH}/sw.js`);

  const announce = () => {
    const { waiting } = registration;
    if (!waiting || !hadWorker) return;
    onReady(() => {
      serviceWorker.addEventListener("controllerchange", () => location.reload());
      waiting.postMessage(USE_NEW_VERSION);
    });
  };
  announce();
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", announce);
  });
}
