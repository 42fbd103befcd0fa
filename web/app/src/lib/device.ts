/** This browser's own name towards the service. */
import { randomId } from "progress-service-tracker";

const STORAGE_KEY = "progress.device_id";

/** The same id at every visit, made up at the first one. */
export function deviceId(): string {
  const known = localStorage.getItem(STORAGE_KEY);
  if (known) return known;
  const made = `web-${randomId()}`;
  localStorage.setItem(STORAGE_KEY, made);
  return made;
}
