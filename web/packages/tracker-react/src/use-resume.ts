/** Where to resume a video. */
import { type ResumePlace, ResumeProblem } from "progress-service-tracker";
import { useCallback, useEffect, useState } from "react";
import { useTrackerClient } from "./provider";

export interface ResumeView {
  /** From the service, or this browser's own copy when it cannot be reached; null until known. */
  place: ResumePlace | null;
  /** Why there is no place; `httpStatus` 0 without a response. */
  problem: ResumeProblem | null;
  isLoading: boolean;
  /** Request it again. Resolves to the new place, or null when there was a problem. */
  refresh: () => Promise<ResumePlace | null>;
}

interface Loaded {
  /** The request it belongs to. */
  by: unknown;
  place: ResumePlace | null;
  problem: ResumeProblem | null;
}

/**
 * Request the place once, when the video is opened: a playing video does not jump when another device
 * plays on.
 */
export function useResume(videoId: string, { skipIntro = true } = {}): ResumeView {
  const client = useTrackerClient();
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const load = useCallback(
    () => client.resume(videoId, { skipIntro }).then(succeeded, failed),
    [client, videoId, skipIntro],
  );

  useEffect(() => {
    let isCurrent = true;
    void load().then((result) => isCurrent && setLoaded({ by: load, ...result }));
    return () => {
      isCurrent = false;
    };
  }, [load]);

  const refresh = useCallback(async () => {
    const result = await load();
    setLoaded({ by: load, ...result });
    return result.place;
  }, [load]);

  // The result of another video does not belong to this one.
  const current = loaded?.by === load ? loaded : null;
  return {
    place: current?.place ?? null,
    problem: current?.problem ?? null,
    isLoading: current === null,
    refresh,
  };
}

const succeeded = (place: ResumePlace) => ({ place, problem: null });
const failed = (error: unknown) => ({
  place: null,
  problem:
    error instanceof ResumeProblem
      ? error
      : new ResumeProblem({ httpStatus: 0, code: "broken", detail: String(error) }),
});
