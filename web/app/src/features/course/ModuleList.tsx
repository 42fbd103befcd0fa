/** The course by module: short, with what has been watched of each video. */
import { useId } from "react";
import { Icon } from "../../components/Icon";
import { ProgressBar } from "../../components/ProgressBar";
import { strings } from "../../strings";
import styles from "./ModuleList.module.css";
import { byModule, type MaterialProgress } from "./material-progress";

interface ModuleListProps {
  materials: MaterialProgress[];
  selectedVideoId: string | null;
  onSelectVideo: (videoId: string, openedBy: string) => void;
}

export function ModuleList({ materials, selectedVideoId, onSelectVideo }: ModuleListProps) {
  const headingId = useId();
  const modules = byModule(materials);
  if (modules.length === 0) return null;
  return (
    <nav className={styles.modules} aria-labelledby={headingId}>
      <h2 id={headingId}>{strings.course.modules}</h2>
      {modules.map(({ title, materials: entries }) => (
        <section key={title ?? ""}>
          <h3>{title ?? strings.course.otherModule}</h3>
          <ul>
            {entries.map((entry) => (
              <li key={entry.material.material_id}>
                <ModuleEntry
                  entry={entry}
                  isSelected={entry.material.material_id === selectedVideoId}
                  onSelectVideo={onSelectVideo}
                />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

interface ModuleEntryProps {
  entry: MaterialProgress;
  isSelected: boolean;
  onSelectVideo: (videoId: string, openedBy: string) => void;
}

function ModuleEntry({ entry, isSelected, onSelectVideo }: ModuleEntryProps) {
  const { material, isVideo, isCompleted, percent, watchedSeconds } = entry;
  const id = useId();
  const title = (
    <span className={styles.title}>
      {material.title}
      {isCompleted && (
        <span className={styles.tick}>
          <Icon name="tick" size={16} />
          <span className="visually-hidden">{strings.material.completed}</span>
        </span>
      )}
    </span>
  );
  if (!isVideo) return <div className={styles.entry}>{title}</div>;
  return (
    <button
      type="button"
      id={id}
      className={styles.entry}
      aria-current={isSelected ? "true" : undefined}
      onClick={() => onSelectVideo(material.material_id, id)}
    >
      {title}
      {percent > 0 && (
        <>
          <ProgressBar
            percent={percent}
            label={strings.material.progress(material.title)}
            isDone={isCompleted}
          />
          <span className={styles.minutes}>{strings.material.minutesWatched(watchedSeconds)}</span>
        </>
      )}
    </button>
  );
}
