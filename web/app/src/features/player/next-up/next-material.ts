/** The next material after a video, computed without the service. */
import type { Material } from "progress-service-api-client";

/**
 * The next unfinished material after the video, or else the first one of the course, as in the service.
 *
 * @param materials in course order
 */
export function nextUnfinished(
  materials: readonly Material[],
  { videoId, doneIds }: { videoId: string; doneIds: readonly string[] },
): Material | null {
  const index = materials.findIndex(({ material_id }) => material_id === videoId);
  const others = [...materials.slice(index + 1), ...materials.slice(0, index)];
  return others.find(({ material_id }) => !doneIds.includes(material_id)) ?? null;
}
