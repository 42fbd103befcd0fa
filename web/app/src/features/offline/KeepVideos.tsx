/** Keeps all of a course's videos on this device, when the learner asks for it. */
import type { Course } from "progress-service-api-client";
import { useEffect, useId, useState, useSyncExternalStore } from "react";
import { Button } from "../../components/Button";
import { Notice } from "../../components/Notice";
import { strings } from "../../strings";
import { downloads, keepVideo, readDownloads, removeVideo, videosToKeep } from "./downloads";
import styles from "./KeepVideos.module.css";

export function KeepVideos({ course }: { course: Course }) {
  const headingId = useId();
  const [videos] = useState(() => videosToKeep(course.materials));
  const [work, setWork] = useState<"keeping" | "removing" | null>(null);
  const states = useSyncExternalStore(downloads.subscribe, () =>
    videos.map(({ material_id }) => downloads.of(material_id).status).join(" "),
  );
  useEffect(() => {
    if (videos.length > 0) void readDownloads(videos);
  }, [videos]);
  if (videos.length === 0) return null;

  const each = states.split(" ");
  const kept = each.filter((status) => status === "kept").length;
  const isKeeping = work === "keeping";
  // Until the last one is removed, the button that removes them stays.
  const isKept = kept === videos.length || work === "removing";
  const isKnown = !each.includes("unknown");
  const isFailed = !isKeeping && each.includes("failed");
  const doAll = async () => {
    setWork(isKept ? "removing" : "keeping");
    try {
      for (const video of videos) await (isKept ? removeVideo : keepVideo)(video);
    } finally {
      setWork(null);
    }
  };

  return (
    <section className={styles.box} aria-labelledby={headingId}>
      <h2 id={headingId}>{strings.offline.heading}</h2>
      <p className={styles.state} role="status">
        {isKept && strings.offline.kept}
        {isKeeping && strings.offline.keeping(kept, videos.length)}
        {!isKept && !isKeeping && (kept > 0 ? strings.offline.some(kept) : strings.offline.away)}
      </p>
      {isFailed && <Notice text={strings.offline.failed} />}
      {/* One button for all of it: another one in its place would not have the keyboard. */}
      <Button onClick={() => void doAll()} isBusy={!isKnown || work !== null}>
        {isKept ? strings.offline.remove : strings.offline.keep}
      </Button>
    </section>
  );
}
