/** Sign in by pasting an access token. */
import { type FormEvent, useId, useState } from "react";
import { Button } from "../../components/Button";
import { ROOT_PATH } from "../../lib/root-path";
import { useSession } from "../../lib/session";
import { readToken, type TokenClaims } from "../../lib/token";
import { strings } from "../../strings";
import styles from "./SignInPage.module.css";

/** How to ask the service itself. */
const SERVICE_DOCS = `${ROOT_PATH}/docs`;

export function SignInPage() {
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
    <main className={styles.page} tabIndex={-1}>
      <form className={styles.card} onSubmit={submit} noValidate>
        <img className={styles.mark} src={`${ROOT_PATH}/icon.svg`} alt="" width="48" height="48" />
        <h1>{strings.signIn.heading}</h1>
        <p className={styles.lead}>{strings.signIn.lead}</p>
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
    </main>
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

/** Teachers and programs have tokens too, and nothing to learn here. */
function roleMistakeIn({ otherRole }: TokenClaims): Mistake | null {
  return otherRole && strings.signIn.notForYou[otherRole];
}
