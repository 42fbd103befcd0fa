/** Whether the learner prefers to use little data. */

interface NetworkInformation {
  saveData?: boolean;
}

/** By the setting of the system, or of the browser. */
export function prefersLessData(): boolean {
  const { connection } = navigator as Navigator & { connection?: NetworkInformation };
  return matchMedia("(prefers-reduced-data: reduce)").matches || connection?.saveData === true;
}
