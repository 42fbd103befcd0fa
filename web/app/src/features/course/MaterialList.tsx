/** Everything in the course, in its order, each with what has been done. */
import { useId } from "react";
import { strings } from "../../strings";
import styles from "./MaterialList.module.css";
import type { MaterialProgress } from "./material-progress";
import { ReadingRow } from "./ReadingRow";
import { VideoRow } from "./VideoRow";

interface MaterialListProps {
  materials: MaterialProgress[];
  selectedVideoId: string | null;
  isPlaying: boolean;
  onSelectVideo: (videoId: string, openedBy: string) => void;
}

export function MaterialList(props: MaterialListProps) {
  const { materials, selectedVideoId, isPlaying, onSelectVideo } = props;
  const headingId = useId();
  if (materials.length === 0) return null;
  return (
    <section className={styles.materials} aria-labelledby={headingId}>
      <h2 id={headingId}>{strings.course.materials}</h2>
      <ol aria-labelledby={headingId}>
        {materials.map((entry) => {
          const { material_id } = entry.material;
          return (
            <li key={material_id} className={styles.row} data-tooltip-row="">
              {entry.isVideo ? (
                <VideoRow
                  entry={entry}
                  isSelected={material_id === selectedVideoId}
                  isPlaying={isPlaying}
                  onSelect={(openedBy) => onSelectVideo(material_id, openedBy)}
                />
              ) : (
                <ReadingRow entry={entry} />
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
