/** A few numbers, each with its name. */
import styles from "./Figures.module.css";

export interface Figure {
  name: string;
  value: string;
  /** Smaller, below the number. */
  note?: string;
}

export function Figures({ figures }: { figures: readonly Figure[] }) {
  return (
    <dl className={styles.figures}>
      {figures.map(({ name, value, note }) => (
        <div key={name} className={styles.figure}>
          <dt>{name}</dt>
          <dd className={styles.value}>{value}</dd>
          {note && <dd className={styles.note}>{note}</dd>}
        </div>
      ))}
    </dl>
  );
}
