/** Erases everything about the learner, after a confirmation. */
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { Button } from "../../components/Button";
import { Notice } from "../../components/Notice";
import { useFocusFallback } from "../../components/use-focus-fallback";
import { remedyFor } from "../../lib/api/problem";
import { yourDataStrings } from "../../your-data-strings";
import { useErase } from "./queries";
import { Section } from "./Section";
import styles from "./YourDataPage.module.css";

const texts = yourDataStrings.erase;

export function EraseSection() {
  const [isOpen, setOpen] = useState(false);
  const opener = useRef<HTMLDivElement>(null);
  const erase = useErase();
  const close = () => {
    setOpen(false);
    requestAnimationFrame(() => opener.current?.querySelector("button")?.focus());
  };
  return (
    <Section heading={texts.heading} isDanger>
      <p>{texts.lead}</p>
      {isOpen ? (
        <EraseForm
          onSubmit={() => erase.start()}
          onCancel={close}
          isBusy={erase.isRunning}
          error={erase.error}
        />
      ) : (
        <div className={styles.actions} ref={opener}>
          <Button onClick={() => setOpen(true)}>{texts.open}</Button>
        </div>
      )}
    </Section>
  );
}

interface EraseFormProps {
  onSubmit: () => void;
  onCancel: () => void;
  isBusy: boolean;
  error: unknown;
}

function EraseForm({ onSubmit, onCancel, isBusy, error }: EraseFormProps) {
  const inputId = useId();
  const hintId = useId();
  const form = useRef<HTMLFormElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const [isMismatch, setMismatch] = useState(false);
  useEffect(() => input.current?.focus(), []);
  // When the erasure begins, this form is replaced by its progress.
  useFocusFallback(form, () => document.querySelector("main"));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const isConfirmed = input.current?.value.trim().toLowerCase() === texts.word;
    setMismatch(!isConfirmed);
    if (!isConfirmed) input.current?.focus();
    else if (!isBusy) onSubmit();
  };
  return (
    <form
      className={styles.form}
      ref={form}
      onSubmit={submit}
      onKeyDown={({ key }) => key === "Escape" && !isBusy && onCancel()}
    >
      <p>{texts.consequences}</p>
      <ul className={styles.list}>
        {texts.list.map((consequence) => (
          <li key={consequence}>{consequence}</li>
        ))}
      </ul>
      <label htmlFor={inputId}>{texts.confirm(texts.word)}</label>
      <input
        id={inputId}
        ref={input}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        aria-invalid={isMismatch || undefined}
        aria-describedby={isMismatch ? hintId : undefined}
      />
      {isMismatch && (
        <p className={styles.mismatch} id={hintId} role="alert">
          {texts.mismatch(texts.word)}
        </p>
      )}
      {error !== null && <Notice heading={texts.failed} text={remedyFor(error)} />}
      <div className={styles.actions}>
        <Button type="submit" look="danger" isBusy={isBusy}>
          {isBusy ? texts.starting : texts.submit}
        </Button>
        <Button onClick={onCancel} isBusy={isBusy}>
          {texts.cancel}
        </Button>
      </div>
    </form>
  );
}
