/** The id of this browser for the service. */
import { randomId } from "progress-service-tracker";
import { deviceStorage } from "./device-storage";

const STORAGE_KEY = "progress.device_id";

/** The same at every visit; created at the first one. */
export function deviceId(): string {
  const stored = deviceStorage.get(STORAGE_KEY);
  if (stored) return stored;
  const created = `web-${randomId()}`;
  deviceStorage.set(STORAGE_KEY, created);
  return created;
}
