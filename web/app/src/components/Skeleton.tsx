/** A placeholder of something that is loading. */
import styles from "./Skeleton.module.css";

export function Skeleton({ height }: { height: string }) {
  return <div className={styles.skeleton} style={{ height }} aria-hidden="true" />;
}
