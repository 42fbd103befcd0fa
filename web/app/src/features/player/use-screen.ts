/** Which controls a video gets: the skin, or the browser's own when the skin cannot be loaded. */
import { useEffect, useState } from "react";
import { NativeScreen } from "./NativeScreen";
import type { Screen } from "./screen";

/** A skin that takes longer is on a line that hangs. */
const PATIENCE_SECONDS = 5;

export type Controls = "skin" | "native";

/** Null while the skin is on its way: swapping controls under a playing video would stop it. */
export function useScreen(controls: Controls): Screen | null {
  const [skin, setSkin] = useState<Screen | null>(null);
  useEffect(() => {
    if (controls !== "skin") return;
    let isWanted = true;
    const choose = (screen: Screen) => {
      if (isWanted) setSkin(() => screen);
      isWanted = false;
    };
    const timer = setTimeout(() => choose(NativeScreen), PATIENCE_SECONDS * 1000);
    import("./SkinnedScreen").then(
      ({ SkinnedScreen }) => choose(SkinnedScreen),
      () => choose(NativeScreen),
    );
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [controls]);
  return controls === "native" ? NativeScreen : skin;
}
