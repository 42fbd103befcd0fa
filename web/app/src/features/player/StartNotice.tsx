/** Says why a video starts where it does, and offers the other places. */
import type { Material } from "progress-service-api-client";
import { memo, useEffect, useRef, useState } from "react";
import { Button } from "../../components/Button";
import { Icon } from "../../components/Icon";
import { useHandOver } from "../../components/use-hand-over";
import { clockTime } from "../../lib/time";
import { strings } from "../../strings";
import { type OtherPlace, otherPlaces, settle } from "./other-places";
import { isElsewhere, type Start } from "./resume";
import styles from "./StartNotice.module.css";

/** Time to read what it says, while the video plays. */
const LEAVES_AFTER_MS = 8_000;
/** Time to make up one's mind as well, where there is a choice. */
const CHOICE_LEAVES_AFTER_MS = 30_000;

interface StartNoticeProps {
  start: Start;
  lengthSeconds: number;
  isPlaying: boolean;
  chapters: NonNullable<Material["chapters"]>;
  ownDeviceId: string;
  onGoTo: (seconds: number) => void;
  /** Gets the keyboard once the learner has chosen. */
  findPicture: () => HTMLElement | null;
}

export const StartNotice = memo(function StartNotice(props: StartNoticeProps) {
  const { start, lengthSeconds, chapters, isPlaying } = props;
  const [isOpen, setOpen] = useState(true);
  const [others] = useState(() => otherPlaces(start, lengthSeconds));
  const why = whyHere(start, chapters);
  const hasChoice = others.length > 0 || isElsewhere(start);
  useEffect(() => {
    if (!isPlaying) return;
    const leave = () => setOpen(false);
    const timer = setTimeout(leave, hasChoice ? CHOICE_LEAVES_AFTER_MS : LEAVES_AFTER_MS);
    return () => clearTimeout(timer);
  }, [isPlaying, hasChoice]);
  if (!isOpen || (!why && others.length === 0)) return null;
  const close = () => {
    settle(others);
    setOpen(false);
  };
  return <Places {...props} why={why} others={others} onClose={close} />;
});

interface PlacesProps extends StartNoticeProps {
  why: string | null;
  others: readonly OtherPlace[];
  onClose: () => void;
}

function Places({ start, why, others, ownDeviceId, onGoTo, onClose, findPicture }: PlacesProps) {
  const box = useRef<HTMLElement>(null);
  useHandOver(box, findPicture);
  const goTo = (seconds: number) => {
    onClose();
    onGoTo(seconds);
  };
  return (
    <section className={styles.notice} aria-label={strings.start.label} ref={box}>
      <div className={styles.lines}>
        {why && (
          <p className={styles.line}>
            <span>{why}</span>
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

function whyHere(start: Start, chapters: StartNoticeProps["chapters"]): string | null {
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
