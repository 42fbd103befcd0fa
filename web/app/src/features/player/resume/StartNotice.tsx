/** Explains where a video starts, and offers other places. */
import type { Material } from "progress-service-api-client";
import { memo, useEffect, useRef, useState } from "react";
import { Button } from "../../../components/Button";
import { Icon } from "../../../components/Icon";
import { useFocusFallback } from "../../../components/use-focus-fallback";
import { clockTime } from "../../../lib/format/time";
import { strings } from "../../../strings";
import { dismissPlaces, type OtherPlace, otherPlaces } from "./other-places";
import { isElsewhere, type Start } from "./resume";
import styles from "./StartNotice.module.css";

/** Time to read the notice while the video plays. */
const CLOSES_AFTER_MS = 8_000;
/** Time to read it and to decide, where there is a choice. */
const CHOICE_CLOSES_AFTER_MS = 30_000;

interface StartNoticeProps {
  start: Start;
  lengthSeconds: number;
  isPlaying: boolean;
  chapters: NonNullable<Material["chapters"]>;
  ownDeviceId: string;
  onGoTo: (seconds: number) => void;
  /** Receives the focus when the learner has chosen. */
  findTarget: () => HTMLElement | null;
}

export const StartNotice = memo(function StartNotice(props: StartNoticeProps) {
  const { start, lengthSeconds, chapters, isPlaying } = props;
  const [isOpen, setOpen] = useState(true);
  const [others] = useState(() => otherPlaces(start, lengthSeconds));
  const reason = reasonText(start, chapters);
  const hasChoice = others.length > 0 || isElsewhere(start);
  useEffect(() => {
    if (!isPlaying) return;
    const timer = setTimeout(
      () => setOpen(false),
      hasChoice ? CHOICE_CLOSES_AFTER_MS : CLOSES_AFTER_MS,
    );
    return () => clearTimeout(timer);
  }, [isPlaying, hasChoice]);
  if (!isOpen || (!reason && others.length === 0)) return null;
  const close = () => {
    dismissPlaces(others);
    setOpen(false);
  };
  return <Places {...props} reason={reason} others={others} onClose={close} />;
});

interface PlacesProps extends StartNoticeProps {
  reason: string | null;
  others: readonly OtherPlace[];
  onClose: () => void;
}

function Places({ start, reason, others, ownDeviceId, onGoTo, onClose, findTarget }: PlacesProps) {
  const box = useRef<HTMLElement>(null);
  useFocusFallback(box, findTarget);
  const goTo = (seconds: number) => {
    onClose();
    onGoTo(seconds);
  };
  return (
    <section className={styles.notice} aria-label={strings.start.label} ref={box}>
      <div className={styles.lines}>
        {reason && (
          <p className={styles.line}>
            <span>{reason}</span>
            {isElsewhere(start) && <GoTo seconds={start.exactSeconds} onGoTo={goTo} />}
          </p>
        )}
        {others.map(({ device_id, age_seconds, watch_time }) => (
          <p className={styles.line} key={device_id}>
            <span>
              {device_id === ownDeviceId
                ? strings.start.thisDevice(strings.ago(age_seconds))
                : strings.start.otherDevice(strings.ago(age_seconds))}
            </span>
            <GoTo seconds={watch_time} onGoTo={goTo} />
          </p>
        ))}
      </div>
      <button
        type="button"
        className={styles.dismiss}
        onClick={onClose}
        aria-label={strings.start.dismiss}
      >
        <Icon name="close" size={16} />
      </button>
    </section>
  );
}

function GoTo({ seconds, onGoTo }: { seconds: number; onGoTo: (seconds: number) => void }) {
  return <Button onClick={() => onGoTo(seconds)}>{strings.start.goTo(clockTime(seconds))}</Button>;
}

function reasonText(start: Start, chapters: StartNoticeProps["chapters"]): string | null {
  if (start.reason === "start" || start.reason === "given") return null;
  if (start.reason === "shortened") return strings.start.shortened;
  if (!isElsewhere(start)) {
    return start.seconds > 0 ? strings.start.here(clockTime(start.seconds)) : null;
  }
  if (start.reason === "chapter" && start.chapter) {
    const { start_seconds, title } = start.chapter;
    const number = chapters.findIndex((chapter) => chapter.start_seconds === start_seconds) + 1;
    return strings.start.chapter(number, title);
  }
  if (start.reason === "replay" || start.reason === "rewatch") return strings.start.replay;
  if (start.reason === "gap") return strings.start.gap;
  if (start.reason === "further") return strings.start.further;
  if (start.reason === "intro") return strings.start.intro;
  return strings.start.rewound(Math.round(start.rewindSeconds));
}
