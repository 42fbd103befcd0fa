/** Another device plays a video: offers to continue on this one, from the same place. */
import type { Material } from "progress-service-api-client";
import type { PlayingFrame } from "progress-service-tracker";
import { useLiveFrames } from "progress-service-tracker-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "../../components/Button";
import { useFocusFallback } from "../../components/use-focus-fallback";
import { useService } from "../../lib/api/service";
import { clockTime } from "../../lib/format/time";
import { strings } from "../../strings";
import styles from "./ContinueHere.module.css";

/** Without another frame for this long, that device has stopped. */
const EXPIRES_AFTER_MS = 30_000;
/** A playing device sends a `playing` frame right after each `progress` frame. */
const PLAYING_FOLLOWS_MS = 1000;

interface ContinueHereProps {
  /** Undefined for a video that is not on this page. */
  videoOf: (videoId: string) => Pick<Material, "title" | "duration_seconds"> | undefined;
  onContinue: (videoId: string, positionSeconds: number) => void;
}

export function ContinueHere({ videoOf, onContinue }: ContinueHereProps) {
  const { deviceId } = useService();
  const [playing, setPlaying] = useState<PlayingFrame | null>(null);
  const [expiresAfterMs, setExpiresAfterMs] = useState(EXPIRES_AFTER_MS);
  const [declined, setDeclined] = useState<string | null>(null);
  useLiveFrames({
    onPlaying(frame) {
      if (frame.deviceId === deviceId) return;
      setPlaying(frame);
      setExpiresAfterMs(EXPIRES_AFTER_MS);
    },
    onProgress(frame) {
      const isSame = frame.deviceId === playing?.deviceId && frame.videoId === playing?.videoId;
      if (isSame) setExpiresAfterMs(PLAYING_FOLLOWS_MS);
    },
  });
  useEffect(() => {
    if (!playing) return;
    const timer = setTimeout(() => setPlaying(null), expiresAfterMs);
    return () => clearTimeout(timer);
  }, [playing, expiresAfterMs]);

  const session = playing && `${playing.deviceId} ${playing.videoId}`;
  const video = playing && videoOf(playing.videoId);
  if (!playing || !video || session === declined) return null;
  // That device plays an older, longer version of a shortened video.
  if (playing.watchTime > (video.duration_seconds || Number.POSITIVE_INFINITY)) return null;
  const continueHere = () => {
    setDeclined(session);
    onContinue(playing.videoId, playing.watchTime);
  };
  return (
    <PlayingElsewhere
      title={video.title}
      positionSeconds={playing.watchTime}
      onContinue={continueHere}
      onDecline={() => setDeclined(session)}
    />
  );
}

interface PlayingElsewhereProps {
  title: string;
  positionSeconds: number;
  onContinue: () => void;
  onDecline: () => void;
}

function PlayingElsewhere(props: PlayingElsewhereProps) {
  const { title, positionSeconds, onContinue, onDecline } = props;
  const box = useRef<HTMLElement>(null);
  useFocusFallback(box, () => document.querySelector("main"));
  return (
    <section className={styles.notice} aria-label={strings.live.label} ref={box}>
      <p role="status">{strings.live.playing(title)}</p>
      <div className={styles.actions}>
        <Button look="primary" onClick={onContinue}>
          {strings.live.goOn(clockTime(positionSeconds))}
        </Button>
        <Button onClick={onDecline}>{strings.live.dismiss}</Button>
      </div>
    </section>
  );
}
