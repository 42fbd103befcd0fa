/** A material together with what the learner has done with it. */
import type { Material, VideoStatusSummary } from "progress-service-api-client";

export interface MaterialProgress {
  material: Material;
  isVideo: boolean;
  isCompleted: boolean;
  watchedSeconds: number;
  durationSeconds: number;
  percent: number;
}

export function progressOf(
  material: Material,
  status: VideoStatusSummary | undefined,
  completedIds: ReadonlySet<string>,
): MaterialProgress {
  return {
    material,
    isVideo: material.type === "video",
    isCompleted: completedIds.has(material.material_id),
    watchedSeconds: status?.watch_time ?? 0,
    // A video nobody has opened has no status of its own yet; the catalogue may know its length.
    durationSeconds: status?.total_duration || material.duration_seconds || 0,
    percent: status?.progress_percentage ?? 0,
  };
}

export interface Module {
  /** Null for materials outside any module. */
  title: string | null;
  materials: MaterialProgress[];
}

/** The materials by module, each where its first material stands in the course. */
export function byModule(materials: readonly MaterialProgress[]): Module[] {
  const modules = new Map<string | null, MaterialProgress[]>();
  for (const entry of materials) {
    const title = entry.material.module ?? null;
    modules.set(title, [...(modules.get(title) ?? []), entry]);
  }
  return [...modules].map(([title, entries]) => ({ title, materials: entries }));
}
