/** Speed, volume, captions and size of the player, stored between videos and visits. */
import { deviceStorage } from "../../../lib/session/device-storage";

export interface PlayerPreferences {
  playbackRate: number;
  volume: number;
  isMuted: boolean;
  hasCaptions: boolean;
  /** The picture has the full width of the window. */
  isLarge: boolean;
}

const STORAGE_KEY = "progress.player";
const DEFAULTS: PlayerPreferences = {
  playbackRate: 1,
  volume: 1,
  isMuted: false,
  hasCaptions: false,
  isLarge: false,
};
/** Browsers throw for a rate outside this range. */
const SLOWEST_RATE = 0.0625;
const FASTEST_RATE = 16;

/** With the default for every value that is missing or invalid. */
export function readPreferences(): PlayerPreferences {
  const { playbackRate, volume, ...switches } = { ...DEFAULTS, ...stored() };
  return {
    playbackRate: inRange(playbackRate, SLOWEST_RATE, FASTEST_RATE) ? playbackRate : 1,
    volume: inRange(volume, 0, 1) ? volume : 1,
    isMuted: switches.isMuted === true,
    hasCaptions: switches.hasCaptions === true,
    isLarge: switches.isLarge === true,
  };
}

export function savePreferences(changed: Partial<PlayerPreferences>): void {
  const known = readPreferences();
  const next = { ...known, ...changed };
  if (JSON.stringify(next) !== JSON.stringify(known)) {
    deviceStorage.set(STORAGE_KEY, JSON.stringify(next));
  }
}

function stored(): Partial<PlayerPreferences> {
  try {
    const found: unknown = JSON.parse(deviceStorage.get(STORAGE_KEY) ?? "{}");
    return typeof found === "object" && found !== null ? found : {};
  } catch {
    return {};
  }
}

const inRange = (value: unknown, from: number, to: number) =>
  typeof value === "number" && value >= from && value <= to;
