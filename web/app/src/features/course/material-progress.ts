/** A material with the progress of the learner. */
import type { Material, VideoStatusSummary } from "progress-service-api-client";

export interface MaterialProgress {
  material: Material;
  isVideo: boolean;
  isCompleted: boolean;
  watchedSeconds: number;
  durationSeconds: number;
  percent: number;
  /** Marked on this device, and not saved yet. */
  isPending: boolean;
}

export function progressOf(
  material: Material,
  status: VideoStatusSummary | undefined,
  completedIds: ReadonlySet<string>,
  pendingMark?: boolean,
): MaterialProgress {
  return {
    material,
    isVideo: material.type === "video",
    isCompleted: pendingMark ?? completedIds.has(material.material_id),
    isPending: pendingMark !== undefined,
    watchedSeconds: status?.watch_time ?? 0,
    // A video that was never opened has no length in its status; the catalogue may have one.
    durationSeconds: status?.total_duration || material.duration_seconds || 0,
    percent: status?.progress_percentage ?? 0,
  };
}

/** Equal for rendering: a row renders again only when something about it changed. */
export function isSameProgress(one: MaterialProgress, other: MaterialProgress): boolean {
  const keys = Object.keys(one) as (keyof MaterialProgress)[];
  return keys.every((key) => one[key] === other[key]);
}

export const countDone = (materials: readonly MaterialProgress[]) =>
  materials.filter(({ isCompleted }) => isCompleted).length;

/** The time left of the videos that are not completed, from the place in each. */
export function secondsLeft(materials: readonly MaterialProgress[]): number {
  const left = materials
    .filter(({ isVideo, isCompleted }) => isVideo && !isCompleted)
    .map(({ durationSeconds, watchedSeconds }) => Math.max(0, durationSeconds - watchedSeconds));
  return left.reduce((sum, seconds) => sum + seconds, 0);
}

export interface Module {
  /** Null for materials outside any module. */
  title: string | null;
  materials: MaterialProgress[];
}

/** The materials by module, in the order of the first material of each. */
export function byModule(materials: readonly MaterialProgress[]): Module[] {
  const modules = new Map<string | null, MaterialProgress[]>();
  for (const entry of materials) {
    const title = entry.material.module ?? null;
    modules.set(title, [...(modules.get(title) ?? []), entry]);
  }
  return [...modules].map(([title, entries]) => ({ title, materials: entries }));
}
