/** What is offered above the picture: skip the intro, and what comes next. */
import type { ResumePoint } from "progress-service-api-client";
import { type HTMLAttributes, useRef, useState } from "react";
import { Button } from "../../components/Button";
import { Icon } from "../../components/Icon";
import { useHandOver } from "../../components/use-hand-over";
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
  /** Gets the keyboard when an offer is taken up, waved off or out of date. */
  findPicture: () => HTMLElement | null;
}

export function Overlay(props: OverlayProps) {
  const { isInIntro, isAtEnd, findPicture } = props;
  if (isInIntro) {
    return (
      <Offer className={styles.corner} findPicture={findPicture}>
        <Button onClick={props.onSkipIntro}>{strings.player.skipIntro}</Button>
      </Offer>
    );
  }
  if (!isAtEnd) return null;
  return <AfterThis {...props} />;
}

function AfterThis({ next, onOpenNext, onReplay, findPicture }: OverlayProps) {
  // Mounted anew at each arrival at the end, and with it offered anew.
  const [isOpen, setOpen] = useState(true);
  if (!isOpen) return null;
  return (
    <Offer className={styles.card} aria-label={strings.player.afterThis} findPicture={findPicture}>
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
    </Offer>
  );
}

interface OfferProps extends HTMLAttributes<HTMLElement> {
  findPicture: OverlayProps["findPicture"];
}

function Offer({ findPicture, ...rest }: OfferProps) {
  const box = useRef<HTMLElement>(null);
  useHandOver(box, findPicture);
  return <section {...rest} ref={box} />;
}
