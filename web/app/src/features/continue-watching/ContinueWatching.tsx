/** The shelf: one card for each course, with the video or material to continue. */
import type { ContinueItem } from "progress-service-api-client";
import { useId, useRef, useState } from "react";
import { Notice } from "../../components/Notice";
import { remedyFor } from "../../lib/api/problem";
import { strings } from "../../strings";
import styles from "./ContinueWatching.module.css";
import { DismissedCard } from "./DismissedCard";
import { useContinueWatching, useCourseTitles, useDismissCard } from "./queries";
import { ShelfCard } from "./ShelfCard";
import { useSteadyCards } from "./use-steady-cards";

interface ContinueWatchingProps {
  onOpen: (card: ContinueItem, openedBy: string) => void;
}

const NO_CARDS: readonly ContinueItem[] = [];

export function ContinueWatching({ onOpen }: ContinueWatchingProps) {
  const headingId = useId();
  const box = useRef<HTMLElement>(null);
  const cards = useSteadyCards(box, useContinueWatching().data ?? NO_CARDS);
  const titles = useCourseTitles(cards);
  const [dismissed, setDismissed] = useState<ContinueItem[]>([]);
  /** The course whose card was just restored; the pressed button is gone. */
  const [restoredId, setRestoredId] = useState<string | null>(null);
  const change = useDismissCard();
  const dismissedIds = dismissed.map(({ course_id }) => course_id);
  const shown = cards.filter(({ course_id }) => !dismissedIds.includes(course_id));
  if (shown.length + dismissed.length === 0) return null;

  const dismiss = (card: ContinueItem) => {
    setDismissed([card, ...dismissed]);
    change.mutate(
      { courseId: card.course_id, isDismissed: true },
      { onError: () => restore(card) },
    );
  };
  const restore = (card: ContinueItem) => {
    setRestoredId(card.course_id);
    setDismissed((others) => others.filter(({ course_id }) => course_id !== card.course_id));
  };
  const undo = (card: ContinueItem) =>
    change.mutate(
      { courseId: card.course_id, isDismissed: false },
      { onSuccess: () => restore(card) },
    );

  return (
    <section className={styles.shelf} aria-labelledby={headingId} ref={box}>
      <h2 id={headingId}>{strings.shelf.heading}</h2>
      <ul className={styles.cards} aria-labelledby={headingId}>
        {dismissed.map((card) => (
          <li key={card.course_id}>
            <DismissedCard card={card} onUndo={() => undo(card)} isPending={change.isPending} />
          </li>
        ))}
        {shown.map((card) => (
          <li key={card.course_id}>
            <ShelfCard
              card={card}
              courseTitle={titles.get(card.course_id)}
              takesFocus={card.course_id === restoredId}
              onOpen={(openedBy) => onOpen(card, openedBy)}
              onDismiss={() => dismiss(card)}
            />
          </li>
        ))}
      </ul>
      {change.isError && (
        <Notice heading={strings.shelf.notDismissed} text={remedyFor(change.error)} />
      )}
    </section>
  );
}
