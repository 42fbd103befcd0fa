/**
 * Updates the state of the controls right after their commands, before the event of the video.
 *
 * Two keys in quick succession are then two commands: play and pause, or two steps of the speed.
 */
import type { videoFeatures } from "@videojs/react/video";

type Features = typeof videoFeatures;
type Media = HTMLMediaElement;
type State = Record<string, unknown>;

interface StateContext {
  target: () => { media: Media };
  set: (changed: object) => void;
}

interface Feature {
  name: string;
  state: (context: StateContext) => State;
}

interface Commands {
  names: readonly string[];
  changed: (media: Media) => object;
}

const COMMANDS: Readonly<Record<string, Commands>> = {
  playback: { names: ["play", "pause", "togglePaused"], changed: ({ paused }) => ({ paused }) },
  playbackRate: { names: ["setPlaybackRate"], changed: ({ playbackRate }) => ({ playbackRate }) },
};

/** The features of a player, with a state that follows their commands without delay. */
export function withImmediateState(features: Features): Features {
  const each = (features as unknown as readonly Feature[]).map((feature) => {
    const commands = COMMANDS[feature.name];
    return commands ? { ...feature, state: followed(feature, commands) } : feature;
  });
  return each as unknown as Features;
}

const followed =
  (feature: Feature, { names, changed }: Commands) =>
  (context: StateContext): State => {
    const state = feature.state(context);
    const follow =
      (command: unknown) =>
      (...values: unknown[]) => {
        const result = (command as (...values: unknown[]) => unknown)(...values);
        context.set(changed(context.target().media));
        return result;
      };
    return {
      ...state,
      ...Object.fromEntries(
        names.filter((name) => name in state).map((name) => [name, follow(state[name])]),
      ),
    };
  };
