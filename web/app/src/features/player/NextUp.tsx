/** What comes after a video: offered in its outro, and begun by itself some seconds after its end. */
import type { ResumePoint } from "progress-service-api-client";
import { useEffect, useRef, useState } from "react";
import { Button } from "../../components/Button";
import { Icon } from "../../components/Icon";
import { useHandOver } from "../../components/use-hand-over";
import { strings } from "../../strings";
import styles from "./NextUp.module.css";

export type NextMaterial = NonNullable<ResumePoint["next"]>;

/** Long enough to read the title and to cancel, also with a keyboard or a switch. */
const COUNTDOWN_SECONDS = 10;

interface NextUpProps {
  next: NextMaterial | null;
  /** Nothing is left to do in the course, this video included. */
  isCourseDone: boolean;
  /** The video has played to its end. */
  hasEnded: boolean;
  onReplay: () => void;
  onOpenNext: ((next: NextMaterial) => void) | undefined;
  onClose: () => void;
  /** Gets the keyboard when an offer is taken up, waved off or out of date. */
  findPicture: () => HTMLElement | null;
}

export function NextUp(props: NextUpProps) {
  const { next, isCourseDone, hasEnded, onOpenNext } = props;
  const box = useRef<HTMLElement>(null);
  useHandOver(box, props.findPicture);
  const [isCancelled, setCancelled] = useState(false);
  const openNext = next && onOpenNext && (() => onOpenNext(next));
  const isCounting = hasEnded && !isCancelled && next?.type === "video" && !!openNext;
  const secondsLeft = useCountdown(isCounting, () => openNext?.());
  const kicker = next
    ? strings.player.nextUp
    : isCourseDone
      ? strings.player.courseFinished
      : strings.player.onlyThisLeft;
  return (
    <section className={styles.card} aria-label={strings.player.afterThis} ref={box}>
      <div className={styles.words}>
        <p className={styles.kicker}>
          {kicker}
          {isCounting && (
            <span role="timer" className={styles.countdown}>
              {strings.player.startsIn(secondsLeft)}
            </span>
          )}
        </p>
        {next && (
          <p className={styles.title} dir="auto">
            {next.title}
          </p>
        )}
      </div>
      <div className={styles.actions}>
        {openNext && (
          <Button look="primary" onClick={openNext}>
            {next.type === "video" ? strings.player.playNext : strings.player.openNext}
          </Button>
        )}
        {isCounting ? (
          <Button onClick={() => setCancelled(true)}>{strings.player.cancelNext}</Button>
        ) : (
          <Button onClick={props.onReplay}>{strings.player.replay}</Button>
        )}
      </div>
      <button
        type="button"
        className={styles.close}
        onClick={props.onClose}
        aria-label={strings.player.stay}
      >
        <Icon name="close" size={16} />
      </button>
    </section>
  );
}

function useCountdown(isCounting: boolean, onDone: () => void): number {
  const [secondsLeft, setSecondsLeft] = useState(COUNTDOWN_SECONDS);
  const done = useRef(onDone);
  useEffect(() => {
    done.current = onDone;
  });
  useEffect(() => {
    if (!isCounting) return;
    setSecondsLeft(COUNTDOWN_SECONDS);
    let left = COUNTDOWN_SECONDS;
    const timer = setInterval(() => {
      left -= 1;
      setSecondsLeft(left);
      if (left > 0) return;
      clearInterval(timer);
      done.current();
    }, 1000);
    return () => clearInterval(timer);
  }, [isCounting]);
  return secondsLeft;
}
