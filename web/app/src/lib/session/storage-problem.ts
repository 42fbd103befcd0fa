/** Why this browser stores nothing for the page. */
import { useSyncExternalStore } from "react";

export type StorageProblem = "blocked" | "full" | "unresponsive";
/** `values`: localStorage; `reports`: the outbox in IndexedDB. */
type Part = "values" | "reports";

const problems = new Map<Part, StorageProblem>();
const listeners = new Set<() => void>();

/** @param error null when it works; undefined after a timeout */
export function reportStorageProblem(part: Part, error: unknown): void {
  const problem = error === null ? undefined : problemOf(error);
  if (problems.get(part) === problem) return;
  if (problem) problems.set(part, problem);
  else problems.delete(part);
  // Storage is read during a render, when no other component may change.
  queueMicrotask(() => {
    for (const listener of listeners) listener();
  });
}

export function useStorageProblem(): StorageProblem | null {
  return useSyncExternalStore(subscribe, current);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const current = () => problems.get("values") ?? problems.get("reports") ?? null;

function problemOf(error: unknown): StorageProblem {
  if (error === undefined) return "unresponsive";
  const { name } = (error ?? {}) as { name?: string };
  // Firefox has another name for it.
  const isFull = name === "QuotaExceededError" || name === "NS_ERROR_DOM_QUOTA_REACHED";
  return isFull ? "full" : "blocked";
}
