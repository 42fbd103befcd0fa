/** What is offered above the picture: skip the intro, and in full screen what comes next. */
import { type ReactNode, useRef } from "react";
import { Button } from "../../components/Button";
import { useHandOver } from "../../components/use-hand-over";
import { strings } from "../../strings";
import styles from "./Overlay.module.css";

interface OverlayProps {
  isInIntro: boolean;
  onSkipIntro: () => void;
  /** What the page offers below the picture, which full screen hides. */
  next: ReactNode;
  /** Gets the keyboard when the offer is taken up or out of date. */
  findPicture: () => HTMLElement | null;
}

export function Overlay({ isInIntro, onSkipIntro, next, findPicture }: OverlayProps) {
  return (
    <>
      {isInIntro && <SkipIntro onSkipIntro={onSkipIntro} findPicture={findPicture} />}
      {next && <div className={styles.card}>{next}</div>}
    </>
  );
}

function SkipIntro({
  onSkipIntro,
  findPicture,
}: Pick<OverlayProps, "onSkipIntro" | "findPicture">) {
  const box = useRef<HTMLElement>(null);
  useHandOver(box, findPicture);
  return (
    <section className={styles.corner} ref={box}>
      <Button onClick={onSkipIntro}>{strings.player.skipIntro}</Button>
    </section>
  );
}
