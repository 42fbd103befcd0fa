/** Holds reports back until the player stands where the learner left. */
import type { Sample, Sampler } from "./sampler";

/** Playing this far without a word about the seek means that the learner just watches on. */
const PLAYED_ON_SECONDS = 3;

export class Resume {
  #hasLanded = false;
  #soughtFromSeconds: number | null = null;

  /** @param targetSeconds where to start; 0 means at the beginning, with nothing to wait for */
  constructor(readonly targetSeconds: number) {}

  get hasLanded(): boolean {
    return this.#hasLanded;
  }

  /** The media can be sought now. Asks only once, so that nobody is thrown back later. */
  begin(sampler: Sampler, sample: Sample): void {
    if (this.#hasLanded || this.#soughtFromSeconds !== null) return;
    if (this.targetSeconds <= 0) {
      this.#hasLanded = true;
      return;
    }
    this.#soughtFromSeconds = sample.positionSeconds;
    sampler.seek(Math.min(this.targetSeconds, sample.durationSeconds));
  }

  /** A seek ended: ours, or one by the learner, who then knows better. */
  seeked(): void {
    if (this.#soughtFromSeconds !== null) this.#hasLanded = true;
  }

  /** Some browsers drop an early seek without a sign; playing on settles it. */
  observe(sample: Sample): void {
    if (this.#soughtFromSeconds === null || !sample.isPlaying || sample.isSeeking) return;
    const movedSeconds = Math.abs(sample.positionSeconds - this.#soughtFromSeconds);
    if (movedSeconds >= PLAYED_ON_SECONDS) this.#hasLanded = true;
  }
}
