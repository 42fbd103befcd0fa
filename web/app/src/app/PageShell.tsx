/** The header and the frame of every page of a signed-in account. */
import type { ReactNode } from "react";
import { Link } from "wouter";
import { Button } from "../components/Button";
import { Icon } from "../components/Icon";
import { SyncState } from "../features/sync/SyncState";
import { ROOT_PATH } from "../lib/api/root-path";
import { useService } from "../lib/api/service";
import { useSession } from "../lib/session/session";
import { strings } from "../strings";
import styles from "./PageShell.module.css";
import { HOME, YOUR_DATA } from "./routes";

export function PageShell({ children }: { children: ReactNode }) {
  const { claims, signOut } = useSession();
  const { isPreview } = useService();
  return (
    <>
      <a className={styles.skip} href="#content">
        {strings.header.skip}
      </a>
      <header className={styles.header}>
        <div className={styles.inside}>
          <Link className={styles.product} href={HOME} aria-label={strings.product}>
            <img src={`${ROOT_PATH}/icon.svg`} alt="" width="28" height="28" />
            <span className={styles.name}>{strings.product}</span>
          </Link>
          <div className={styles.account}>
            {!isPreview && <SyncState />}
            {claims?.name && (
              <span
                className={`${styles.student} hidden-on-phones`}
                title={strings.header.signedInAs(claims.name)}
              >
                <span className="visually-hidden">{strings.header.signedInAs(claims.name)}</span>
                <span aria-hidden="true">{claims.name}</span>
              </span>
            )}
            {!isPreview && (
              <Link className={styles.yourData} href={YOUR_DATA}>
                <Icon name="person" />
                <span className="hidden-on-phones">{strings.yourData.link}</span>
              </Link>
            )}
            <Button onClick={() => signOut()}>{strings.header.signOut}</Button>
          </div>
        </div>
      </header>
      <main className={styles.content} id="content" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}
