/** The field for an access token, and what is wrong with what was pasted. */
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { Button } from "../../components/Button";
import { ROOT_PATH } from "../../lib/root-path";
import { useSession } from "../../lib/session";
import { readToken, type TokenClaims } from "../../lib/token";
import { strings } from "../../strings";
import styles from "./SignInPage.module.css";

/** How to ask the service itself. */
const SERVICE_DOCS = `${ROOT_PATH}/docs`;

interface TokenFormProps {
  className: string | undefined;
  /** Stands above the field. */
  children?: ReactNode;
}

export function TokenForm({ className, children }: TokenFormProps) {
  const { signIn, notice, claims } = useSession();
  const [entered, setEntered] = useState("");
  const [mistake, setMistake] = useState<Mistake | null>(null);
  const ids = { field: useId(), hint: useId(), message: useId() };
  const message = mistake ?? (notice ? { text: notice } : claims && roleMistakeIn(claims));

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const token = entered.trim().replace(/^Bearer\s+/i, "");
    const found = mistakeIn(token);
    setMistake(found);
    if (!found) signIn(token);
  };

  return (
    <form className={className} onSubmit={submit} noValidate>
      {children}
      {message && (
        <p className={styles.message} id={ids.message} role="alert">
          {message.text}
          {message.link && (
            <>
              {" "}
              <a href={SERVICE_DOCS}>{message.link}</a>
            </>
          )}
        </p>
      )}
      <label className={styles.label} htmlFor={ids.field}>
        {strings.signIn.label}
      </label>
      <input
        className={styles.field}
        id={ids.field}
        value={entered}
        onChange={(event) => setEntered(event.target.value)}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        aria-invalid={mistake !== null}
        aria-describedby={message ? `${ids.message} ${ids.hint}` : ids.hint}
      />
      <p className={styles.hint} id={ids.hint}>
        {strings.signIn.hint}
      </p>
      <Button type="submit" look="primary">
        {strings.signIn.submit}
      </Button>
    </form>
  );
}

interface Mistake {
  text: string;
  /** What is to be found on the pages of the service. */
  link?: string;
}

function mistakeIn(token: string): Mistake | null {
  if (!token) return { text: strings.signIn.empty };
  const claims = readToken(token);
  if (!claims) return { text: strings.signIn.malformed };
  return roleMistakeIn(claims);
}

/** Programs have tokens too, and nothing to learn here. */
function roleMistakeIn({ otherRole }: TokenClaims): Mistake | null {
  return otherRole === "service" ? strings.signIn.notForPrograms : null;
}
