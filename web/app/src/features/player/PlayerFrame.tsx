/** The card around a video: its title, its buttons, and the Escape key. */
import { type ReactNode, useEffect, useId, useRef } from "react";
import { Icon } from "../../components/Icon";
import { strings } from "../../strings";
import styles from "./PlayerFrame.module.css";

interface PlayerFrameProps {
  title: string;
  isLarge: boolean;
  onToggleLarge: () => void;
  onClose: () => void;
  children: ReactNode;
}

export function PlayerFrame(props: PlayerFrameProps) {
  const { title, isLarge, onToggleLarge, onClose, children } = props;
  const headingId = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  const frame = useRef<HTMLElement>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: runs again for another video.
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    // From its top, so that the bar below the picture is visible too.
    frame.current?.scrollIntoView({ block: "start" });
  }, [title]);

  // At the window, which receives a key last: an open menu or tooltip of the controls, which listens at
  // the document, has handled its Escape by then.
  useEffect(() => {
    const closeOnEscape = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      const isHere = event.target instanceof Node && frame.current?.contains(event.target);
      // An open dialog closes itself.
      if (event.target instanceof Element && event.target.closest("dialog")) return;
      // In full screen, Escape leaves full screen.
      if (isHere && !document.fullscreenElement) onClose();
    };
    window.addEventListener("keydown", closeOnEscape);
    return () => window.removeEventListener("keydown", closeOnEscape);
  }, [onClose]);

  return (
    <section
      className={styles.frame}
      ref={frame}
      aria-labelledby={headingId}
      data-large={isLarge || undefined}
    >
      <header className={styles.header}>
        <h2 id={headingId} ref={heading} tabIndex={-1} dir="auto">
          {title}
        </h2>
        <button
          type="button"
          className={`${styles.close} ${styles.large}`}
          onClick={onToggleLarge}
          aria-pressed={isLarge}
          aria-label={strings.player.large}
          title={strings.player.large}
        >
          <Icon name={isLarge ? "smaller" : "larger"} />
        </button>
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
