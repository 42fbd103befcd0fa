/** Starts the service worker, and tells when a newer version of the app is ready. */
import { ROOT_PATH } from "../lib/root-path";
import { USE_NEW_VERSION } from "./names";

/** @param onReady is handed the way to use the new version, which loads the page again. */
export async function registerWorker(onReady: (use: () => void) => void): Promise<void> {
  // Browsers allow workers on HTTPS and on this machine only; the app works without one.
  if (!("serviceWorker" in navigator) || !import.meta.env.PROD) return;
  try {
    await register(navigator.serviceWorker, onReady);
  } catch {
    // Where storage is blocked, so are workers.
  }
}

async function register(
  serviceWorker: ServiceWorkerContainer,
  onReady: (use: () => void) => void,
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
