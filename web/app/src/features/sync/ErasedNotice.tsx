/** The learner's data was erased, here or on another device: clears this browser and says so. */
import { useLiveFrames } from "progress-service-tracker-react";
import { useEffect } from "react";
import { Notice } from "../../components/Notice";
import { useService } from "../../lib/api/service";
import { clearDevice } from "../../lib/session/clear-device";
import { useLatest } from "../../lib/state/use-latest";
import { strings } from "../../strings";
import styles from "./RejectedReports.module.css";

interface ErasedNoticeProps {
  /** The page says by itself that the data was erased. */
  isSaid: boolean;
  /** Leaves a page that shows what was erased. */
  onErased: () => void;
}

export function ErasedNotice({ isSaid, onErased }: ErasedNoticeProps) {
  const { wasErased, setErased, rejections } = useService();
  const leave = useLatest(onErased);
  useLiveFrames({
    onCleared() {
      void clearDevice();
      setErased(true);
    },
  });
  useEffect(() => {
    if (!wasErased) return;
    if (isSaid) setErased(false);
    else leave.current();
  }, [wasErased, isSaid, setErased, leave]);
  const isSaidByReports = rejections.some(({ code }) => code === "erased");
  if (!wasErased || isSaidByReports) return null;
  return (
    <div className={styles.box}>
      <Notice
        heading={strings.erased.heading}
        text={strings.erased.text}
        onDismiss={() => setErased(false)}
      />
    </div>
  );
}
