/** Another device plays: offers to go on here, from where it is now. */
import type { PlayingFrame } from "@progress/tracker";
import { useLiveFrames } from "@progress/tracker-react";
import { useEffect, useState } from "react";
import { Button } from "../../components/Button";
import { useService } from "../../lib/service";
import { clockTime } from "../../lib/time";
import { strings } from "../../strings";
import styles from "./ContinueHere.module.css";

/** Without another word for this long, that device has stopped. */
const GOOD_FOR_MS = 30_000;

interface ContinueHereProps {
  /** The video's title, or nothing when it is not on this page. */
  titleOf: (videoId: string) => string | undefined;
  onContinue: (videoId: string, positionSeconds: number) => void;
}

export function ContinueHere({ titleOf, onContinue }: ContinueHereProps) {
  const { deviceId } = useService();
  const [heard, setHeard] = useState<PlayingFrame | null>(null);
  const [declined, setDeclined] = useState<string | null>(null);
  useLiveFrames({
    onPlaying: (frame) => frame.deviceId !== deviceId && setHeard(frame),
  });
  useEffect(() => {
    if (!heard) return;
    const timer = setTimeout(() => setHeard(null), GOOD_FOR_MS);
    return () => clearTimeout(timer);
  }, [heard]);

  const session = heard && `${heard.deviceId} ${heard.videoId}`;
  const title = heard && titleOf(heard.videoId);
  if (!heard || !title || session === declined) return null;
  const goOn = () => {
    setDeclined(session);
    onContinue(heard.videoId, heard.watchTime);
  };
  return (
    <section className={styles.notice} aria-label={strings.live.label}>
      <p role="status">{strings.live.playing(title)}</p>
      <div className={styles.actions}>
        <Button look="primary" onClick={goOn}>
          {strings.live.goOn(clockTime(heard.watchTime))}
        </Button>
        <Button onClick={() => setDeclined(session)}>{strings.live.dismiss}</Button>
      </div>
    </section>
  );
}
