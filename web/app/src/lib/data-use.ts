/** Whether the learner wants to use as little data as possible. */

interface NetworkInformation {
  saveData?: boolean;
}

/** By the setting of the system, or by the one of a browser that has its own. */
export function wantsLessData(): boolean {
  const { connection } = navigator as Navigator & { connection?: NetworkInformation };
  return matchMedia("(prefers-reduced-data: reduce)").matches || connection?.saveData === true;
}
