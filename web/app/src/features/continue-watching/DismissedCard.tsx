/** Replaces a dismissed card, with a button to undo it. */
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
  const box = useRef<HTMLDivElement>(null);
  // The pressed button is gone; the focus continues here.
  useEffect(() => box.current?.focus(), []);
  return (
    <div className={styles.card} ref={box} tabIndex={-1}>
      <p className={styles.body} role="status">
        {strings.shelf.dismissed(card.title)}
      </p>
      <Button onClick={onUndo} isBusy={isPending}>
        {strings.shelf.undo}
      </Button>
    </div>
  );
}
