/** Stands where a card was, for those who did not mean it. */
import type { ContinueItem } from "progress-service-api-client";
import { useEffect, useRef } from "react";
import { Button } from "../../components/Button";
import { strings } from "../../strings";
import styles from "./ContinueWatching.module.css";

interface DismissedCardProps {
  card: ContinueItem;
  onUndo: () => void;
  isPending: boolean;
}

export function DismissedCard({ card, onUndo, isPending }: DismissedCardProps) {
  const place = useRef<HTMLDivElement>(null);
  // The button that was pressed is gone; the keyboard goes on here.
  useEffect(() => place.current?.focus(), []);
  return (
    <div className={styles.card} ref={place} tabIndex={-1}>
      <p className={styles.body} role="status">
        {strings.shelf.dismissed(card.title)}
      </p>
      <Button onClick={onUndo} isBusy={isPending}>
        {strings.shelf.undo}
      </Button>
    </div>
  );
}
