/** This browser's own name towards the service. */
import { randomId } from "progress-service-tracker";
import { deviceStorage } from "./device-storage";

const STORAGE_KEY = "progress.device_id";

/** The same id at every visit, made up at the first one. */
export function deviceId(): string {
  const known = deviceStorage.get(STORAGE_KEY);
  if (known) return known;
  const made = `web-${randomId()}`;
  deviceStorage.set(STORAGE_KEY, made);
  return made;
}
