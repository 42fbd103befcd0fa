/** Downloads all videos of a course to this device, or removes them. */
import type { Course } from "progress-service-api-client";
import { useEffect, useId, useState, useSyncExternalStore } from "react";
import { Button } from "../../components/Button";
import { Notice } from "../../components/Notice";
import { strings } from "../../strings";
import styles from "./DownloadVideos.module.css";
import {
  downloadableVideos,
  downloads,
  downloadVideo,
  readDownloads,
  removeVideo,
} from "./downloads";

export function DownloadVideos({ course }: { course: Course }) {
  const headingId = useId();
  const [videos] = useState(() => downloadableVideos(course.materials));
  const [work, setWork] = useState<"downloading" | "removing" | null>(null);
  const states = useSyncExternalStore(downloads.subscribe, () =>
    videos.map(({ material_id }) => downloads.of(material_id).status).join(" "),
  );
  useEffect(() => {
    if (videos.length > 0) void readDownloads(videos);
  }, [videos]);
  if (videos.length === 0) return null;

  const each = states.split(" ");
  const count = each.filter((status) => status === "downloaded").length;
  const isRunning = work === "downloading";
  // The button to remove them stays until the last one is removed.
  const isDownloaded = count === videos.length || work === "removing";
  const isKnown = !each.includes("unknown");
  const isFailed = !isRunning && each.includes("failed");
  const doAll = async () => {
    setWork(isDownloaded ? "removing" : "downloading");
    try {
      for (const video of videos) await (isDownloaded ? removeVideo : downloadVideo)(video);
    } finally {
      setWork(null);
    }
  };

  return (
    <section className={styles.box} aria-labelledby={headingId}>
      <h2 id={headingId}>{strings.offline.heading}</h2>
      <p className={styles.state} role="status">
        {isDownloaded && strings.offline.downloaded}
        {isRunning && strings.offline.downloading(count, videos.length)}
        {!isDownloaded &&
          !isRunning &&
          (count > 0 ? strings.offline.some(count) : strings.offline.absent)}
      </p>
      {isFailed && <Notice text={strings.offline.failed} />}
      {/* One button for every state: another one in its place would not have the focus. */}
      <Button onClick={() => void doAll()} isBusy={!isKnown || work !== null}>
        {isDownloaded ? strings.offline.remove : strings.offline.download}
      </Button>
    </section>
  );
}
