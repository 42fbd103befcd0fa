/** A short text shown while its surroundings are pointed at or focused. */
import type { ReactNode } from "react";
import styles from "./Tooltip.module.css";

interface TooltipProps {
  text: string;
  /** Put it as `aria-describedby` on the control the text belongs to. */
  id: string;
  children: ReactNode;
}

export function Tooltip({ text, id, children }: TooltipProps) {
  return (
    <span className={styles.anchor}>
      {children}
      <span className={styles.bubble} role="tooltip" id={id}>
        {text}
      </span>
    </span>
  );
}
