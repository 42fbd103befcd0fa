/** A material together with what the learner has done with it. */
import type { Material, VideoStatusSummary } from "progress-service-api-client";

export interface MaterialProgress {
  material: Material;
  isVideo: boolean;
  isCompleted: boolean;
  watchedSeconds: number;
  durationSeconds: number;
  percent: number;
  /** Marked on this device, and not saved yet. */
  isWaiting: boolean;
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
    isWaiting: pendingMark !== undefined,
    watchedSeconds: status?.watch_time ?? 0,
    // A video nobody has opened has no status of its own yet; the catalogue may know its length.
    durationSeconds: status?.total_duration || material.duration_seconds || 0,
    percent: status?.progress_percentage ?? 0,
  };
}

/** The same for whoever draws it: a row is drawn again only when something about it changed. */
export function isSameProgress(one: MaterialProgress, other: MaterialProgress): boolean {
  const keys = Object.keys(one) as (keyof MaterialProgress)[];
  return keys.every((key) => one[key] === other[key]);
}

export const countDone = (materials: readonly MaterialProgress[]) =>
  materials.filter(({ isCompleted }) => isCompleted).length;

/** What is left to play of the videos that are not done, from where the learner is in each. */
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

/** The materials by module, each where its first material stands in the course. */
export function byModule(materials: readonly MaterialProgress[]): Module[] {
  const modules = new Map<string | null, MaterialProgress[]>();
  for (const entry of materials) {
    const title = entry.material.module ?? null;
    modules.set(title, [...(modules.get(title) ?? []), entry]);
  }
  return [...modules].map(([title, entries]) => ({ title, materials: entries }));
}
