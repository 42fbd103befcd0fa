/** The materials of the course by module, each with its progress. */
import type { Material } from "progress-service-api-client";
import { type ReactNode, useId } from "react";
import { strings } from "../../strings";
import styles from "./MaterialList.module.css";
import { ModuleSection } from "./ModuleSection";
import { byModule, type MaterialProgress } from "./material-progress";
import { useFolds } from "./use-folds";

export interface MaterialListProps {
  courseId: string;
  materials: MaterialProgress[];
  selectedVideoId: string | null;
  isPlaying: boolean;
  onSelectVideo: (videoId: string, openedBy: string) => void;
  /** A further control in the row of a video. */
  renderVideoAction?: (video: Material) => ReactNode;
}

export function MaterialList({ courseId, materials, ...shared }: MaterialListProps) {
  const headingId = useId();
  const modules = byModule(materials);
  const { isOpen, toggle } = useFolds(courseId, materials.length);
  if (materials.length === 0) return null;
  const hasModules = modules.some(({ title }) => title !== null);
  return (
    <section className={styles.materials} aria-labelledby={headingId}>
      <h2 id={headingId}>{strings.course.materials}</h2>
      <nav className={styles.modules} aria-label={strings.course.modules}>
        {modules.map((module) => (
          <ModuleSection
            key={module.title ?? ""}
            {...shared}
            module={module}
            isNamed={hasModules}
            isOpen={isOpen(module)}
            onToggle={() => toggle(module)}
          />
        ))}
      </nav>
    </section>
  );
}
