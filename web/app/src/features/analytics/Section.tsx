/** A part of an analytics page, with its heading. */
import { type ReactNode, useId } from "react";
import styles from "./Analytics.module.css";

interface SectionProps {
  heading: string;
  lead?: string;
  children: ReactNode;
}

export function Section({ heading, lead, children }: SectionProps) {
  const headingId = useId();
  return (
    <section className={styles.section} aria-labelledby={headingId}>
      <h2 id={headingId}>{heading}</h2>
      {lead && <p className={styles.lead}>{lead}</p>}
      {children}
    </section>
  );
}
