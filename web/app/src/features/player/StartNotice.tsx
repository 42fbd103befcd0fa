/** Says why a video starts where it does, and offers the other places. */
import type { Material } from "@progress/api-client";
import { memo, useState } from "react";
import { Button } from "../../components/Button";
import { Icon } from "../../components/Icon";
import { clockTime } from "../../lib/time";
import { strings } from "../../strings";
import { isElsewhere, type Start } from "./resume";
import styles from "./StartNotice.module.css";

/** A device this close to the start is at the same place. */
const NEAR_SECONDS = 10;

interface StartNoticeProps {
  start: Start;
  chapters: NonNullable<Material["chapters"]>;
  ownDeviceId: string;
  onGoTo: (seconds: number) => void;
}

export const StartNotice = memo(function StartNotice(props: StartNoticeProps) {
  const { start, chapters, ownDeviceId, onGoTo } = props;
  const [isOpen, setOpen] = useState(true);
  const others = start.alternatives.filter(
    ({ watch_time }) =>
      Math.abs(watch_time - start.seconds) >= NEAR_SECONDS &&
      Math.abs(watch_time - start.exactSeconds) >= NEAR_SECONDS,
  );
  const why = isElsewhere(start) ? whyHere(start, chapters) : null;
  if (!isOpen || (!why && others.length === 0)) return null;
  const goTo = (seconds: number) => {
    setOpen(false);
    onGoTo(seconds);
  };
  return (
    <section className={styles.notice} aria-label={strings.start.label}>
      <div className={styles.lines}>
        {why && (
          <p className={styles.line}>
            <span>{why}</span>
            <Button onClick={() => goTo(start.exactSeconds)}>
              {strings.start.goTo(clockTime(start.exactSeconds))}
            </Button>
          </p>
        )}
        {others.slice(0, 2).map((place) => (
          <p className={styles.line} key={place.device_id}>
            <span>
              {place.device_id === ownDeviceId
                ? strings.start.thisDevice(strings.ago(place.age_seconds))
                : strings.start.otherDevice(strings.ago(place.age_seconds))}
            </span>
            <Button onClick={() => goTo(place.watch_time)}>
              {strings.start.goTo(clockTime(place.watch_time))}
            </Button>
          </p>
        ))}
      </div>
      <button
        type="button"
        className={styles.dismiss}
        onClick={() => setOpen(false)}
        aria-label={strings.start.dismiss}
      >
        <Icon name="close" size={16} />
      </button>
    </section>
  );
});

function whyHere(start: Start, chapters: StartNoticeProps["chapters"]): string {
  if (start.reason === "chapter" && start.chapter) {
    const { start_seconds, title } = start.chapter;
    const number = chapters.findIndex((chapter) => chapter.start_seconds === start_seconds) + 1;
    return strings.start.chapter(number, title);
  }
  if (start.reason === "replay") return strings.start.replay;
  if (start.reason === "gap") return strings.start.gap;
  if (start.reason === "further") return strings.start.further;
  if (start.reason === "intro") return strings.start.intro;
  return strings.start.rewound(Math.round(start.rewindSeconds));
}
