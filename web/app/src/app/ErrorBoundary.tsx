/** Shows a message instead of a blank page when rendering fails. */
import { Component, type ReactNode } from "react";
import { Button } from "../components/Button";
import { removeAllQueries } from "../lib/api/query-persistence";
import { strings } from "../strings";
import styles from "./NotFoundPage.module.css";

export class ErrorBoundary extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override componentDidCatch() {
    // The stored data may have caused the failure; it is read again.
    removeAllQueries();
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
