/** What is offered above the picture: skip the intro, and what comes next. */
import type { ResumePoint } from "@progress/api-client";
import { useState } from "react";
import { Button } from "../../components/Button";
import { Icon } from "../../components/Icon";
import { strings } from "../../strings";
import styles from "./Overlay.module.css";

export type NextMaterial = NonNullable<ResumePoint["next"]>;

interface OverlayProps {
  isInIntro: boolean;
  isAtEnd: boolean;
  next: NextMaterial | null;
  onSkipIntro: () => void;
  onReplay: () => void;
  onOpenNext: ((next: NextMaterial) => void) | undefined;
}

export function Overlay(props: OverlayProps) {
  const { isInIntro, isAtEnd } = props;
  if (isInIntro) {
    return (
      <div className={styles.corner}>
        <Button onClick={props.onSkipIntro}>{strings.player.skipIntro}</Button>
      </div>
    );
  }
  if (!isAtEnd) return null;
  return <AfterThis {...props} />;
}

function AfterThis({ next, onOpenNext, onReplay }: OverlayProps) {
  // Mounted anew at each arrival at the end, and with it offered anew.
  const [isOpen, setOpen] = useState(true);
  if (!isOpen) return null;
  return (
    <section className={styles.card} aria-label={strings.player.afterThis}>
      <div className={styles.words}>
        <p className={styles.kicker}>
          {next ? strings.player.nextUp : strings.player.courseFinished}
        </p>
        {next && <p className={styles.title}>{next.title}</p>}
      </div>
      <div className={styles.actions}>
        {next && onOpenNext && (
          <Button look="primary" onClick={() => onOpenNext(next)}>
            {next.type === "video" ? strings.player.playNext : strings.player.openNext}
          </Button>
        )}
        <Button onClick={onReplay}>{strings.player.replay}</Button>
      </div>
      <button
        type="button"
        className={styles.close}
        onClick={() => setOpen(false)}
        aria-label={strings.player.stay}
      >
        <Icon name="close" size={16} />
      </button>
    </section>
  );
}
