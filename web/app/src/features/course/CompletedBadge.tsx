/** The tick of a completed material. */
import { Icon } from "../../components/Icon";
import { strings } from "../../strings";
import styles from "./MaterialList.module.css";

export function CompletedBadge() {
  return (
    <span className={styles.badge}>
      <Icon name="tick" size={16} />
      <span className={styles.badgeText}>{strings.material.completed}</span>
    </span>
  );
}
