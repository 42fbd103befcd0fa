/** Where to go on in a video. */
import { type ResumePlace, ResumeProblem } from "progress-service-tracker";
import { useCallback, useEffect, useState } from "react";
import { useLink } from "./provider";

export interface ResumeView {
  /** The service's answer, or this browser's own copy when it is out of reach; null until known. */
  place: ResumePlace | null;
  /** Why nothing is known; `httpStatus` 0 stands for no answer at all. */
  problem: ResumeProblem | null;
  isLoading: boolean;
  /** Ask again. Resolves to the new answer, or null when there was a problem. */
  refresh: () => Promise<ResumePlace | null>;
}

interface Asked {
  of: unknown;
  place: ResumePlace | null;
  problem: ResumeProblem | null;
}

/**
 * Ask where to go on, once when the video is opened: a playing video does not jump when another
 * device moves on.
 */
export function useResume(videoId: string, { skipIntro = true } = {}): ResumeView {
  const link = useLink();
  const [asked, setAsked] = useState<Asked | null>(null);
  const ask = useCallback(
    () => link.resume(videoId, { skipIntro }).then(known, unknown),
    [link, videoId, skipIntro],
  );

  useEffect(() => {
    let isCurrent = true;
    void ask().then((answer) => isCurrent && setAsked({ of: ask, ...answer }));
    return () => {
      isCurrent = false;
    };
  }, [ask]);

  const refresh = useCallback(async () => {
    const answer = await ask();
    setAsked({ of: ask, ...answer });
    return answer.place;
  }, [ask]);

  // What was asked for another video says nothing about this one.
  const answer = asked?.of === ask ? asked : null;
  return {
    place: answer?.place ?? null,
    problem: answer?.problem ?? null,
    isLoading: answer === null,
    refresh,
  };
}

const known = (place: ResumePlace) => ({ place, problem: null });
const unknown = (error: unknown) => ({
  place: null,
  problem:
    error instanceof ResumeProblem
      ? error
      : new ResumeProblem({ httpStatus: 0, code: "broken", detail: String(error) }),
});
