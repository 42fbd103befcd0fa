/** The whole app: who is signed in, and which page is shown. */
import { useEffect, useRef } from "react";
import { Route, Switch } from "wouter";
import { RenewSignIn } from "../features/sign-in/RenewSignIn";
import { SignInPage } from "../features/sign-in/SignInPage";
import { RefusedReports } from "../features/sync/RefusedReports";
import { StorageNotice } from "../features/sync/StorageNotice";
import { MarksProvider } from "../lib/marks";
import { ServiceProvider } from "../lib/service";
import { SessionProvider, useSession } from "../lib/session";
import { CourseRoute } from "./CourseRoute";
import { ErrorBoundary } from "./ErrorBoundary";
import { HomeRoute } from "./HomeRoute";
import { NewVersion } from "./NewVersion";
import { NotFoundPage } from "./NotFoundPage";
import { PageShell } from "./PageShell";
import { HOME } from "./routes";

export function App() {
  return (
    <ErrorBoundary>
      <SessionProvider>
        <NewVersion />
        <SignedInOrNot />
      </SessionProvider>
    </ErrorBoundary>
  );
}

function SignedInOrNot() {
  const { token, claims, isRenewing } = useSession();
  // Without readable claims the token itself tells accounts apart.
  const account = claims ? `${claims.otherRole ?? "student"} ${claims.studentId}` : token;
  useArrivalFocus(account);
  // A program's token opens nothing here; the page to sign in says so.
  if (!token || claims?.otherRole === "service") return <SignInPage />;
  return (
    <ServiceProvider key={account} token={token}>
      <MarksProvider>
        <PageShell>
          <StorageNotice />
          <RefusedReports />
          <Switch>
            <Route path={HOME} component={HomeRoute} />
            <Route path="/courses/:courseId/videos/:videoId" component={CourseRoute} />
            <Route path="/courses/:courseId" component={CourseRoute} />
            <Route component={NotFoundPage} />
          </Switch>
        </PageShell>
        {isRenewing && <RenewSignIn />}
      </MarksProvider>
    </ServiceProvider>
  );
}

/** Another account shows another page: the keyboard goes there, since what had it is gone. */
function useArrivalFocus(account: string | null): void {
  const shown = useRef(account);
  useEffect(() => {
    if (shown.current === account) return;
    shown.current = account;
    document.querySelector("main")?.focus({ preventScroll: true });
  }, [account]);
}
