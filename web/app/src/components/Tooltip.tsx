/** A short text, shown while its row is hovered or focused. */
import type { ReactNode } from "react";
import styles from "./Tooltip.module.css";

interface TooltipProps {
  text: string;
  /** For `aria-describedby` of the control that the text describes. */
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
