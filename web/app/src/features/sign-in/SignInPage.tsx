/** Sign in by pasting an access token. */
import { ROOT_PATH } from "../../lib/api/root-path";
import { strings } from "../../strings";
import styles from "./SignInPage.module.css";
import { TokenForm } from "./TokenForm";

export function SignInPage() {
  return (
    <main className={styles.page} tabIndex={-1}>
      <TokenForm className={styles.card}>
        <img className={styles.mark} src={`${ROOT_PATH}/icon.svg`} alt="" width="48" height="48" />
        <h1>{strings.signIn.heading}</h1>
        <p className={styles.lead}>{strings.signIn.lead}</p>
      </TokenForm>
    </main>
  );
}
