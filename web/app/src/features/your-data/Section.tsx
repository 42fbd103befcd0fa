/** One part of the page, with its heading. */
import { type ReactNode, useId } from "react";
import styles from "./YourDataPage.module.css";

interface SectionProps {
  heading: string;
  children: ReactNode;
  isDanger?: boolean;
}

export function Section({ heading, children, isDanger }: SectionProps) {
  const headingId = useId();
  return (
    <section
      className={styles.section}
      aria-labelledby={headingId}
      data-danger={isDanger || undefined}
    >
      <h2 id={headingId}>{heading}</h2>
      {children}
    </section>
  );
}
