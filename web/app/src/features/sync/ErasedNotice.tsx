/** The learner's data was erased, here or on another device: clears this browser and says so. */
import { useLiveFrames } from "progress-service-tracker-react";
import { useState } from "react";
import { Notice } from "../../components/Notice";
import { clearDevice } from "../../lib/session/clear-device";
import { strings } from "../../strings";
import styles from "./RejectedReports.module.css";

interface ErasedNoticeProps {
  /** Leaves a page that shows what was erased. False if the page says by itself that it was. */
  onErased: () => boolean;
}

export function ErasedNotice({ onErased }: ErasedNoticeProps) {
  const [isShown, setShown] = useState(false);
  useLiveFrames({
    onCleared() {
      void clearDevice();
      setShown(onErased());
    },
  });
  if (!isShown) return null;
  return (
    <div className={styles.box}>
      <Notice
        heading={strings.erased.heading}
        text={strings.erased.text}
        onDismiss={() => setShown(false)}
      />
    </div>
  );
}
