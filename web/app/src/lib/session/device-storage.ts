/** Values between visits, in localStorage; in memory for this visit where that fails. */
import { reportStorageProblem } from "./storage-problem";

/** Values that could not be stored. They override older ones that were. */
const unstored = new Map<string, string>();

export const deviceStorage = {
  get(key: string): string | null {
    return unstored.get(key) ?? attempt(() => localStorage.getItem(key)) ?? null;
  },
  set(key: string, value: string): void {
    if (deviceStorage.setIfPossible(key, value)) unstored.delete(key);
    else unstored.set(key, value);
  },
  /** For copies that are of no use in memory. */
  setIfPossible(key: string, value: string): boolean {
    const isStored = attempt(() => {
      localStorage.setItem(key, value);
      return true;
    });
    if (isStored) reportStorageProblem("values", null);
    return isStored === true;
  },
  remove(key: string): void {
    unstored.delete(key);
    attempt(() => localStorage.removeItem(key));
  },
  keys(): string[] {
    return attempt(() => Object.keys(localStorage)) ?? [];
  },
  /** Remove every value of the app, except that of one key. */
  clear(except: string): void {
    for (const key of [...deviceStorage.keys(), ...unstored.keys()]) {
      if (key.startsWith("progress.") && key !== except) deviceStorage.remove(key);
    }
  },
};

/** A browser that blocks storage throws as soon as `localStorage` is named. */
function attempt<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch (error) {
    reportStorageProblem("values", error);
  }
}
