/** The card around a video: its title, the way out, the keyboard. */
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from "react";
import { Icon } from "../../components/Icon";
import { strings } from "../../strings";
import styles from "./PlayerFrame.module.css";

interface PlayerFrameProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

export function PlayerFrame({ title, onClose, children }: PlayerFrameProps) {
  const headingId = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  const frame = useRef<HTMLElement>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another video is a new place to be.
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    // From its top, so that the bar below the picture is in sight too.
    frame.current?.scrollIntoView({ block: "start" });
  }, [title]);

  const closeOnEscape = (event: KeyboardEvent) => {
    // In full screen, Escape means to leave full screen.
    if (event.key === "Escape" && !document.fullscreenElement) onClose();
  };

  return (
    <section
      className={styles.frame}
      ref={frame}
      aria-labelledby={headingId}
      onKeyDown={closeOnEscape}
    >
      <header className={styles.header}>
        <h2 id={headingId} ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <button
          type="button"
          className={styles.close}
          onClick={onClose}
          aria-label={strings.player.close}
        >
          <Icon name="close" />
        </button>
      </header>
      {children}
    </section>
  );
}
