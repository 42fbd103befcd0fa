/** Offers the next material in the outro, and opens it some seconds after the end of the video. */
import type { ResumePoint } from "progress-service-api-client";
import { useEffect, useRef, useState } from "react";
import { Button } from "../../../components/Button";
import { Icon } from "../../../components/Icon";
import { useFocusFallback } from "../../../components/use-focus-fallback";
import { strings } from "../../../strings";
import styles from "./NextUp.module.css";

export type NextMaterial = NonNullable<ResumePoint["next"]>;

/** Long enough to read the title and to cancel, also with a keyboard or a switch. */
const COUNTDOWN_SECONDS = 10;

interface NextUpProps {
  next: NextMaterial | null;
  /** Everything in the course is done, with this video. */
  isCourseDone: boolean;
  /** The video has played to its end. */
  hasEnded: boolean;
  onReplay: () => void;
  onOpenNext: ((next: NextMaterial) => void) | undefined;
  onClose: () => void;
  /** Receives the focus when the card is closed. */
  findTarget: () => HTMLElement | null;
}

export function NextUp(props: NextUpProps) {
  const { next, isCourseDone, hasEnded, onOpenNext } = props;
  const box = useRef<HTMLElement>(null);
  useFocusFallback(box, props.findTarget);
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
