/** Controls above the picture: skip the intro, and in full screen the next material. */
import { type ReactNode, useRef } from "react";
import { Button } from "../../../components/Button";
import { useFocusFallback } from "../../../components/use-focus-fallback";
import { strings } from "../../../strings";
import styles from "./Overlay.module.css";

interface OverlayProps {
  isInIntro: boolean;
  onSkipIntro: () => void;
  /** In full screen, which hides the card below the picture. */
  next: ReactNode;
  /** Receives the focus when a control is removed. */
  findTarget: () => HTMLElement | null;
}

export function Overlay({ isInIntro, onSkipIntro, next, findTarget }: OverlayProps) {
  return (
    <>
      {isInIntro && <SkipIntro onSkipIntro={onSkipIntro} findTarget={findTarget} />}
      {next && <div className={styles.card}>{next}</div>}
    </>
  );
}

function SkipIntro({ onSkipIntro, findTarget }: Pick<OverlayProps, "onSkipIntro" | "findTarget">) {
  const box = useRef<HTMLElement>(null);
  useFocusFallback(box, findTarget);
  return (
    <section className={styles.corner} ref={box}>
      <Button onClick={onSkipIntro}>{strings.player.skipIntro}</Button>
    </section>
  );
}
