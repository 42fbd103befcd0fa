/** Which modules of a course are folded; the choice lasts as long as the window. */
import { useState } from "react";
import { countDone, type Module } from "./material-progress";

/** In a longer course, completed modules would push the next material out of view. */
const MANY_MATERIALS = 20;

type Choices = Readonly<Record<string, boolean>>;

export function useFolds(courseId: string, materialCount: number) {
  const storageKey = `progress.folds.${courseId}`;
  const [choices, setChoices] = useState<Choices>(() => read(storageKey));
  const isOpen = ({ title, materials }: Module): boolean => {
    const isDone = countDone(materials) === materials.length;
    return choices[title ?? ""] ?? !(materialCount > MANY_MATERIALS && isDone);
  };
  const toggle = (module: Module) => {
    const changed = { ...choices, [module.title ?? ""]: !isOpen(module) };
    setChoices(changed);
    write(storageKey, changed);
  };
  return { isOpen, toggle };
}

/** Without storage, the choice lasts as long as the page. */
function read(storageKey: string): Choices {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey) ?? "{}");
  } catch {
    return {};
  }
}

function write(storageKey: string, choices: Choices): void {
  try {
    sessionStorage.setItem(storageKey, JSON.stringify(choices));
  } catch {}
}
