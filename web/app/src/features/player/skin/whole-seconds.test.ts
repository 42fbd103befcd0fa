import type { videoFeatures } from "@videojs/react/video";
import { expect, test } from "vitest";
import { inWholeSeconds } from "./whole-seconds";

/** The updates of the skin when its feature receives `times`. */
function updates(times: readonly object[], isPaused: boolean): object[] {
  let known: object = { currentTime: 3.9, duration: 90, seeking: false };
  const all: object[] = [];
  const time = {
    name: "time",
    attach({ set }: { set: (changed: object) => void }) {
      for (const changed of times) set({ ...known, ...changed });
    },
  };
  const [feature] = inWholeSeconds([time] as unknown as typeof videoFeatures) as unknown as [
    { attach: (attached: object) => void },
  ];
  feature.attach({
    target: { media: { paused: isPaused } },
    get: () => known,
    set(changed: object) {
      known = changed;
      all.push(changed);
    },
  });
  return all;
}

const at = (currentTime: number) => ({ currentTime });

test("skin is updated once for each second of a playing video", () => {
  expect(updates([4, 4.25, 4.5, 4.75, 5, 5.25].map(at), false)).toMatchObject([at(4), at(5)]);
});

test("skin is updated at once by a seek within a second and by another length", () => {
  const seeking = { currentTime: 3.95, seeking: true };
  expect(updates([seeking, { duration: 91 }], false)).toHaveLength(2);
});

test("skin is updated at every place of a paused video", () => {
  expect(updates([3.91, 3.92].map(at), true)).toHaveLength(2);
});
