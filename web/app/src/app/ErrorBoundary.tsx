/** The last resort: whatever fails while the page is drawn leaves a sentence, never a blank page. */
import { Component, type ReactNode } from "react";
import { Button } from "../components/Button";
import { forgetAllQueries } from "../lib/known";
import { strings } from "../strings";
import styles from "./NotFoundPage.module.css";

export class ErrorBoundary extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override componentDidCatch() {
    // The copies of earlier answers may be what it failed on; they are read again.
    forgetAllQueries();
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <main className={styles.page} role="alert">
        <h1>{strings.crash.heading}</h1>
        <p>{strings.crash.remedy}</p>
        <Button look="primary" onClick={() => location.reload()}>
          {strings.crash.reload}
        </Button>
      </main>
    );
  }
}
