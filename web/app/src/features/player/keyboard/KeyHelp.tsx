/** A dialog with the keys of the player. */
import { useEffect, useId, useRef } from "react";
import { Button } from "../../../components/Button";
import { strings } from "../../../strings";
import styles from "./KeyHelp.module.css";

export function KeyHelp({ onClose }: { onClose: () => void }) {
  const headingId = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  // A modal dialog restores the focus and closes by Escape. By default it focuses its button, and a
  // small screen would show the end of the list first.
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
