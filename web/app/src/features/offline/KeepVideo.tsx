/** Keeps one video on this device: how large it is, how far it is, and the way to cancel it. */
import type { Material } from "progress-service-api-client";
import { useState, useSyncExternalStore } from "react";
import { Icon } from "../../components/Icon";
import { strings } from "../../strings";
import { cancelDownload, downloads, keepVideo, removeVideo } from "./downloads";
import styles from "./KeepVideos.module.css";
import { canKeep, filesToKeep, sizeOf } from "./videos";

export function KeepVideo({ video }: { video: Material }) {
  const { material_id: videoId, title } = video;
  const download = useSyncExternalStore(downloads.subscribe, () => downloads.of(videoId));
  const [totalBytes, setTotalBytes] = useState<number | null>(null);
  const [film] = filesToKeep(video);
  if (!canKeep() || !film) return null;

  // Asked for when somebody is about to want it: a list of many videos asks for none.
  const askForSize = () => {
    if (totalBytes === null) sizeOf(film).then(setTotalBytes, () => {});
  };
  const isKeeping = download.status === "keeping";
  const isKept = download.status === "kept";
  const size = totalBytes && strings.offline.size(totalBytes);
  const act = () => {
    if (isKeeping) cancelDownload(videoId);
    else void (isKept ? removeVideo(video) : keepVideo(video));
  };
  const { keepOne, cancelOne, removeOne } = strings.offline;
  const label = isKeeping ? cancelOne(title) : isKept ? removeOne(title) : keepOne(title, size);
  return (
    <span className={styles.one}>
      {isKeeping && (
        <span className={styles.amount}>
          {strings.offline.amount(download.loadedBytes, download.totalBytes)}
        </span>
      )}
      {download.status === "failed" && (
        <span className={styles.failed} role="alert">
          {strings.offline.failedOne}
        </span>
      )}
      {/* One button for all of it: another one in its place would not have the keyboard. */}
      <button
        type="button"
        className={styles.toggle}
        data-kept={isKept || undefined}
        aria-label={label}
        title={label}
        onClick={act}
        onPointerEnter={askForSize}
        onFocus={askForSize}
      >
        <Icon name={isKeeping ? "close" : isKept ? "kept" : "keep"} size={18} />
      </button>
    </span>
  );
}
