/** Asks for a new token beside the page: a video that plays goes on. */
import { useRef } from "react";
import { useHandOver } from "../../components/use-hand-over";
import { strings } from "../../strings";
import styles from "./SignInPage.module.css";
import { TokenForm } from "./TokenForm";

export function RenewSignIn() {
  const box = useRef<HTMLElement>(null);
  useHandOver(box, () => document.querySelector("main"));
  return (
    <section className={styles.beside} aria-label={strings.signIn.again} ref={box}>
      <TokenForm className={styles.card} />
    </section>
  );
}
