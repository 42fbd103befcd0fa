/** One module of the course: its name, its progress, and its materials, which can be folded. */
import { useId } from "react";
import { Icon } from "../../components/Icon";
import { strings } from "../../strings";
import type { MaterialListProps } from "./MaterialList";
import styles from "./MaterialList.module.css";
import { countDone, type Module } from "./material-progress";
import { ReadingRow } from "./ReadingRow";
import { VideoRow } from "./VideoRow";

interface ModuleSectionProps extends Omit<MaterialListProps, "courseId" | "materials"> {
  module: Module;
  /** False in a course without modules, where nothing can be folded. */
  isNamed: boolean;
  isOpen: boolean;
  onToggle: () => void;
}

export function ModuleSection(props: ModuleSectionProps) {
  const { module, isNamed, isOpen, onToggle, selectedVideoId, isPlaying } = props;
  const listId = useId();
  const title = module.title ?? strings.course.otherModule;
  const total = module.materials.length;
  const completed = countDone(module.materials);
  const isShown = isOpen || !isNamed;
  return (
    <div className={styles.module}>
      {isNamed && (
        <h3 className={styles.moduleHeading}>
          <button
            type="button"
            className={styles.fold}
            aria-expanded={isOpen}
            aria-controls={listId}
            onClick={onToggle}
          >
            <Icon name="fold" size={18} />
            <span className={styles.moduleTitle} dir="auto">
              {title}
            </span>
            <span className={styles.moduleDone}>{strings.course.done(completed, total)}</span>
          </button>
        </h3>
      )}
      <ol
        id={listId}
        hidden={!isShown}
        aria-label={isNamed ? strings.course.materialsOf(title) : strings.course.materials}
      >
        {/* Folded rows are not rendered: hidden progress bars cost as much as visible ones. */}
        {isShown &&
          module.materials.map((entry) => {
            const { material } = entry;
            const isSelected = material.material_id === selectedVideoId;
            return (
              <li key={material.material_id} className={styles.row} data-tooltip-row="">
                {entry.isVideo ? (
                  <VideoRow
                    entry={entry}
                    isSelected={isSelected}
                    isPlaying={isSelected && isPlaying}
                    onSelect={props.onSelectVideo}
                    renderAction={props.renderVideoAction}
                  />
                ) : (
                  <ReadingRow entry={entry} />
                )}
              </li>
            );
          })}
      </ol>
    </div>
  );
}
