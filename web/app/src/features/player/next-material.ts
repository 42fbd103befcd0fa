/** What comes after a video, when the service cannot be asked. */
import type { Material } from "progress-service-api-client";

/**
 * The next material behind the video that is not done, else the first one, as the service has it.
 *
 * @param materials in course order
 */
export function nextUnfinished(
  materials: readonly Material[],
  { videoId, doneIds }: { videoId: string; doneIds: readonly string[] },
): Material | null {
  const turn = materials.findIndex(({ material_id }) => material_id === videoId);
  const others = [...materials.slice(turn + 1), ...materials.slice(0, turn)];
  return others.find(({ material_id }) => !doneIds.includes(material_id)) ?? null;
}
