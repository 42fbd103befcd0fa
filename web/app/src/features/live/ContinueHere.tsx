/** Another device plays: offers to go on here, from where it is now. */
import type { Material } from "progress-service-api-client";
import type { PlayingFrame } from "progress-service-tracker";
import { useLiveFrames } from "progress-service-tracker-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "../../components/Button";
import { useHandOver } from "../../components/use-hand-over";
import { useService } from "../../lib/service";
import { clockTime } from "../../lib/time";
import { strings } from "../../strings";
import styles from "./ContinueHere.module.css";

/** Without another word for this long, that device has stopped. */
const GOOD_FOR_MS = 30_000;
/** A state of a device that plays is followed by the word that it does, at once. */
const FOLLOWED_WITHIN_MS = 1000;

interface ContinueHereProps {
  /** The video's title and length, or nothing when it is not on this page. */
  videoOf: (videoId: string) => Pick<Material, "title" | "duration_seconds"> | undefined;
  onContinue: (videoId: string, positionSeconds: number) => void;
}

export function ContinueHere({ videoOf, onContinue }: ContinueHereProps) {
  const { deviceId } = useService();
  const [heard, setHeard] = useState<PlayingFrame | null>(null);
  const [goodForMs, setGoodForMs] = useState(GOOD_FOR_MS);
  const [declined, setDeclined] = useState<string | null>(null);
  useLiveFrames({
    onPlaying(frame) {
      if (frame.deviceId === deviceId) return;
      setHeard(frame);
      setGoodForMs(GOOD_FOR_MS);
    },
    onProgress(frame) {
      const isAboutIt = frame.deviceId === heard?.deviceId && frame.videoId === heard?.videoId;
      if (isAboutIt) setGoodForMs(FOLLOWED_WITHIN_MS);
    },
  });
  useEffect(() => {
    if (!heard) return;
    const timer = setTimeout(() => setHeard(null), goodForMs);
    return () => clearTimeout(timer);
  }, [heard, goodForMs]);

  const session = heard && `${heard.deviceId} ${heard.videoId}`;
  const video = heard && videoOf(heard.videoId);
  if (!heard || !video || session === declined) return null;
  // That device plays a longer version of a video that has been shortened since.
  if (heard.watchTime > (video.duration_seconds || Number.POSITIVE_INFINITY)) return null;
  const goOn = () => {
    setDeclined(session);
    onContinue(heard.videoId, heard.watchTime);
  };
  return (
    <PlayingElsewhere
      title={video.title}
      positionSeconds={heard.watchTime}
      onGoOn={goOn}
      onDecline={() => setDeclined(session)}
    />
  );
}

interface PlayingElsewhereProps {
  title: string;
  positionSeconds: number;
  onGoOn: () => void;
  onDecline: () => void;
}

function PlayingElsewhere(props: PlayingElsewhereProps) {
  const { title, positionSeconds, onGoOn, onDecline } = props;
  const box = useRef<HTMLElement>(null);
  useHandOver(box, () => document.querySelector("main"));
  return (
    <section className={styles.notice} aria-label={strings.live.label} ref={box}>
      <p role="status">{strings.live.playing(title)}</p>
      <div className={styles.actions}>
        <Button look="primary" onClick={onGoOn}>
          {strings.live.goOn(clockTime(positionSeconds))}
        </Button>
        <Button onClick={onDecline}>{strings.live.dismiss}</Button>
      </div>
    </section>
  );
}
