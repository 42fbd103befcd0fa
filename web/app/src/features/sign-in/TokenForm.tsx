/** The field for an access token, with its errors. */
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { Button } from "../../components/Button";
import { ROOT_PATH } from "../../lib/api/root-path";
import { useSession } from "../../lib/session/session";
import { readToken, type TokenClaims } from "../../lib/session/token";
import { strings } from "../../strings";
import styles from "./SignInPage.module.css";

/** The API documentation of the service. */
const SERVICE_DOCS = `${ROOT_PATH}/docs`;

interface TokenFormProps {
  className: string | undefined;
  /** Shown above the field. */
  children?: ReactNode;
}

export function TokenForm({ className, children }: TokenFormProps) {
  const { signIn, notice, claims } = useSession();
  const [entered, setEntered] = useState("");
  const [error, setError] = useState<TokenError | null>(null);
  const ids = { field: useId(), hint: useId(), message: useId() };
  const message = error ?? (notice ? { text: notice } : claims && roleErrorIn(claims));

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const token = entered.trim().replace(/^Bearer\s+/i, "");
    const found = errorIn(token);
    setError(found);
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
        aria-invalid={error !== null}
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

interface TokenError {
  text: string;
  /** The text of a link to the API documentation. */
  link?: string;
}

function errorIn(token: string): TokenError | null {
  if (!token) return { text: strings.signIn.empty };
  const claims = readToken(token);
  if (!claims) return { text: strings.signIn.malformed };
  return roleErrorIn(claims);
}

/** The token of a program opens no page. */
function roleErrorIn({ otherRole }: TokenClaims): TokenError | null {
  return otherRole === "service" ? strings.signIn.notForPrograms : null;
}
