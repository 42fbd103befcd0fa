/** The keys of the player work wherever the focus is on the page. */
import { type RefObject, useEffect } from "react";
import { actionOf, scrollsPage } from "./player-keys";

interface PageCommands {
  onHelp: () => void;
  onToggleLarge: () => void;
}

/** Controls that use every key themselves. */
const OWN_KEYS = "input, textarea, select, [contenteditable], dialog, [role=menu], [role=slider]";
/** Controls that these keys activate. */
const PRESSABLE = "button, a[href], summary, [role=button]";
const PRESSING_KEYS = new Set([" ", "Enter"]);

export function usePlayerKeys(
  video: RefObject<HTMLVideoElement | null>,
  { onHelp, onToggleLarge }: PageCommands,
): void {
  useEffect(() => {
    // At the window, which receives a key last: the controls have prevented the keys that they used.
    const press = (event: KeyboardEvent) => {
      const element = video.current;
      if (!element || !isForPlayer(event)) return;
      const act = pageCommand(event.key, { onHelp, onToggleLarge }) ?? actionOf(event.key);
      const isOutside = !element.closest("section")?.contains(event.target as Node);
      if (!act || (isOutside && scrollsPage(event.key))) return;
      event.preventDefault();
      act(element);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [video, onHelp, onToggleLarge]);
}

function isForPlayer(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.isComposing) return false;
  if (event.ctrlKey || event.altKey || event.metaKey) return false;
  if (!(event.target instanceof Element)) return true;
  if (event.target.closest(OWN_KEYS)) return false;
  return !(PRESSING_KEYS.has(event.key) && event.target.closest(PRESSABLE));
}

function pageCommand(key: string, { onHelp, onToggleLarge }: PageCommands) {
  if (key === "?") return onHelp;
  return key.toLowerCase() === "t" ? onToggleLarge : null;
}
