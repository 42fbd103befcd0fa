/** The player's outline while it loads. */
import type { Material } from "progress-service-api-client";
import { Skeleton } from "../../components/Skeleton";
import { strings } from "../../strings";
import { ChapterList } from "./ChapterList";
import styles from "./PlayerStage.module.css";
import screenStyles from "./Screen.module.css";
import { WatchProgressBar } from "./WatchProgressBar";

const NO_PLACE = { positionSeconds: 0, durationSeconds: 0, percent: 0, remainingSeconds: 0 };

interface PlayerSkeletonProps {
  chapters: NonNullable<Material["chapters"]>;
}

/** Made of the parts that will come, unseen: nothing moves when they do. */
export function PlayerSkeleton({ chapters }: PlayerSkeletonProps) {
  return (
    <div className={styles.stage} role="status" aria-label={strings.player.loading}>
      <div className={screenStyles.box}>
        <Skeleton height="100%" />
      </div>
      <div className={`${styles.stage} ${styles.unseen}`}>
        <WatchProgressBar progress={NO_PLACE} isCompleted={false} seenSpans={[]} />
        <div className={styles.room} />
        <ChapterList chapters={chapters} currentStartSeconds={undefined} onSelect={() => {}} />
      </div>
    </div>
  );
}
