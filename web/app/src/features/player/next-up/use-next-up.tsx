/** Shows the next material in the outro, until it is closed. */
import { type ReactNode, type RefObject, useEffect, useMemo, useState } from "react";
import { useEnded } from "../playback/use-playing";
import { type NextMaterial, NextUp } from "./NextUp";

interface NextUpOptions {
  next: NextMaterial | null;
  isAtEnd: boolean;
  isCourseDone: boolean;
  seekTo: (positionSeconds: number) => void;
  onOpenNext: ((next: NextMaterial) => void) | undefined;
  findTarget: () => HTMLElement | null;
}

/** @returns the same element as long as nothing about it changes */
export function useNextUp(
  video: RefObject<HTMLVideoElement | null>,
  { next, isAtEnd, isCourseDone, seekTo, onOpenNext, findTarget }: NextUpOptions,
): ReactNode {
  const hasEnded = useEnded(video);
  const [isClosed, setClosed] = useState(false);
  // Shown again at each arrival at the end.
  useEffect(() => {
    if (!isAtEnd) setClosed(false);
  }, [isAtEnd]);
  return useMemo(
    () =>
      isAtEnd && !isClosed ? (
        <NextUp
          next={next}
          isCourseDone={isCourseDone}
          hasEnded={hasEnded}
          onReplay={() => {
            seekTo(0);
            void video.current?.play();
          }}
          onOpenNext={onOpenNext}
          onClose={() => setClosed(true)}
          findTarget={findTarget}
        />
      ) : null,
    [video, isAtEnd, isClosed, next, isCourseDone, hasEnded, onOpenNext, seekTo, findTarget],
  );
}
