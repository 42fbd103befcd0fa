/** When the offer of what comes next is there: in the outro, until it is closed. */
import { type ReactNode, type RefObject, useEffect, useMemo, useState } from "react";
import { type NextMaterial, NextUp } from "./NextUp";
import { useEnded } from "./use-playing";

interface NextUpOptions {
  next: NextMaterial | null;
  isAtEnd: boolean;
  isCourseDone: boolean;
  seekTo: (positionSeconds: number) => void;
  onOpenNext: ((next: NextMaterial) => void) | undefined;
  findPicture: () => HTMLElement | null;
}

/** @returns the same element for as long as nothing about it changes */
export function useNextUp(
  video: RefObject<HTMLVideoElement | null>,
  { next, isAtEnd, isCourseDone, seekTo, onOpenNext, findPicture }: NextUpOptions,
): ReactNode {
  const hasEnded = useEnded(video);
  const [isClosed, setClosed] = useState(false);
  // Offered anew at each arrival at the end.
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
          findPicture={findPicture}
        />
      ) : null,
    [video, isAtEnd, isClosed, next, isCourseDone, hasEnded, onOpenNext, seekTo, findPicture],
  );
}
