/** Holds the place of something that is still loading. */
import styles from "./Skeleton.module.css";

export function Skeleton({ height }: { height: string }) {
  return <div className={styles.skeleton} style={{ height }} aria-hidden="true" />;
}
