/** The keys of the player, in a dialog. */
import { useEffect, useId, useRef } from "react";
import { Button } from "../../components/Button";
import { strings } from "../../strings";
import styles from "./KeyHelp.module.css";

export function KeyHelp({ onClose }: { onClose: () => void }) {
  const headingId = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  // A modal dialog gives the keyboard back to what had it, and closes by Escape. Left to itself it
  // gives it to its button, and a small screen then shows the end of the list first.
  useEffect(() => {
    dialog.current?.showModal();
    heading.current?.focus();
  }, []);
  return (
    <dialog className={styles.dialog} ref={dialog} aria-labelledby={headingId} onClose={onClose}>
      <h2 id={headingId} ref={heading} tabIndex={-1}>
        {strings.keys.heading}
      </h2>
      <dl className={styles.keys}>
        {strings.keys.list.map(({ keys, does }) => (
          <div className={styles.line} key={does}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <Button look="primary" onClick={() => dialog.current?.close()}>
        {strings.keys.close}
      </Button>
    </dialog>
  );
}
