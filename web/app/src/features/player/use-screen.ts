/** Which controls a video gets: the skin, or the browser's own when the skin cannot be loaded. */
import { useEffect, useState } from "react";
import { NativeScreen } from "./NativeScreen";
import type { Screen } from "./screen";

export type Controls = "skin" | "native";

/** Null while the skin is on its way: swapping controls under a playing video would stop it. */
export function useScreen(controls: Controls): Screen | null {
  const [skin, setSkin] = useState<Screen | null>(null);
  useEffect(() => {
    if (controls !== "skin") return;
    let isWanted = true;
    import("./SkinnedScreen").then(
      ({ SkinnedScreen }) => isWanted && setSkin(() => SkinnedScreen),
      () => isWanted && setSkin(() => NativeScreen),
    );
    return () => {
      isWanted = false;
    };
  }, [controls]);
  return controls === "native" ? NativeScreen : skin;
}
