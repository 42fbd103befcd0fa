/** Requests a new token beside the page, so that a playing video continues. */
import { useRef } from "react";
import { useFocusFallback } from "../../components/use-focus-fallback";
import { strings } from "../../strings";
import styles from "./SignInPage.module.css";
import { TokenForm } from "./TokenForm";

export function RenewSignIn() {
  const box = useRef<HTMLElement>(null);
  useFocusFallback(box, () => document.querySelector("main"));
  return (
    <section className={styles.beside} aria-label={strings.signIn.again} ref={box}>
      <TokenForm className={styles.card} />
    </section>
  );
}
