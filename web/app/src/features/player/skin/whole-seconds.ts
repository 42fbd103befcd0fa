/** Updates the skin once a second while a video plays: it renders all of its controls each time. */
import type { videoFeatures } from "@videojs/react/video";

type Features = typeof videoFeatures;

interface Attached {
  target: { media: object };
  get: () => object;
  set: (changed: object) => void;
}

interface Feature {
  name: string;
  attach?: (attached: Attached) => void;
}

/** The features of a player, with the time in whole seconds. */
export function inWholeSeconds(features: Features): Features {
  const each = (features as unknown as readonly Feature[]).map((feature) =>
    feature.name === "time" ? { ...feature, attach: attachInSteps(feature) } : feature,
  );
  return each as unknown as Features;
}

const attachInSteps = (feature: Feature) => (attached: Attached) =>
  feature.attach?.({
    ...attached,
    set(changed) {
      const isPlaying = "paused" in attached.target.media && !attached.target.media.paused;
      if (!isPlaying || !isSameSecond(attached.get(), changed)) attached.set(changed);
    },
  });

interface Time {
  currentTime: number;
  duration: number;
  seeking: boolean;
}

function isSameSecond(known: Partial<Time>, changed: Partial<Time>): boolean {
  const secondOf = ({ currentTime = 0 }: Partial<Time>) => Math.floor(currentTime);
  return (
    secondOf(known) === secondOf(changed) &&
    known.duration === changed.duration &&
    known.seeking === changed.seeking
  );
}
