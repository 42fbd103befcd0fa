/** The placeholder of the player. */
import type { Material } from "progress-service-api-client";
import { Skeleton } from "../../components/Skeleton";
import { strings } from "../../strings";
import { ChapterList } from "./ChapterList";
import styles from "./PlayerView.module.css";
import { WatchProgressBar } from "./progress/WatchProgressBar";
import surfaceStyles from "./surface/VideoSurface.module.css";

const NO_PLACE = { positionSeconds: 0, durationSeconds: 0, percent: 0, remainingSeconds: 0 };

interface PlayerSkeletonProps {
  chapters: NonNullable<Material["chapters"]>;
}

/** It has the parts of the player, invisible, so that nothing moves when the player is shown. */
export function PlayerSkeleton({ chapters }: PlayerSkeletonProps) {
  return (
    <div className={styles.view} role="status" aria-label={strings.player.loading}>
      <div className={surfaceStyles.box}>
        <Skeleton height="100%" />
      </div>
      <div className={`${styles.view} ${styles.invisible}`}>
        <WatchProgressBar progress={NO_PLACE} isCompleted={false} watchedSpans={[]} />
        <div className={styles.room} />
        <ChapterList chapters={chapters} currentStartSeconds={undefined} onSelect={() => {}} />
      </div>
    </div>
  );
}
