/** Downloads one video to this device: its size, its progress, and a button to cancel or remove it. */
import type { Material } from "progress-service-api-client";
import { useState, useSyncExternalStore } from "react";
import { Icon } from "../../components/Icon";
import { strings } from "../../strings";
import styles from "./DownloadVideos.module.css";
import { cancelDownload, downloads, downloadVideo, removeVideo } from "./downloads";
import { canDownload, filesOfVideo, sizeOf } from "./videos";

export function DownloadVideo({ video }: { video: Material }) {
  const { material_id: videoId, title } = video;
  const download = useSyncExternalStore(downloads.subscribe, () => downloads.of(videoId));
  const [totalBytes, setTotalBytes] = useState<number | null>(null);
  const [film] = filesOfVideo(video);
  if (!canDownload() || !film) return null;

  // Requested on hover or focus only, because a list may have many videos.
  const loadSize = () => {
    if (totalBytes === null) sizeOf(film).then(setTotalBytes, () => {});
  };
  const isRunning = download.status === "running";
  const isDownloaded = download.status === "downloaded";
  const size = totalBytes && strings.offline.size(totalBytes);
  const act = () => {
    if (isRunning) cancelDownload(videoId);
    else void (isDownloaded ? removeVideo(video) : downloadVideo(video));
  };
  const { downloadOne, cancelOne, removeOne } = strings.offline;
  const label = isRunning
    ? cancelOne(title)
    : isDownloaded
      ? removeOne(title)
      : downloadOne(title, size);
  return (
    <span className={styles.one}>
      {isRunning && (
        <span className={styles.amount}>
          {strings.offline.amount(download.loadedBytes, download.totalBytes)}
        </span>
      )}
      {download.status === "failed" && (
        <span className={styles.failed} role="alert">
          {strings.offline.failedOne}
        </span>
      )}
      {/* One button for every state: another one in its place would not have the focus. */}
      <button
        type="button"
        className={styles.toggle}
        data-downloaded={isDownloaded || undefined}
        aria-label={label}
        title={label}
        onClick={act}
        onPointerEnter={loadSize}
        onFocus={loadSize}
      >
        <Icon name={isRunning ? "close" : isDownloaded ? "downloaded" : "download"} size={18} />
      </button>
    </span>
  );
}
