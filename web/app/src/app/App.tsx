/** The whole app: who is signed in, and which page is shown. */
import { useEffect, useRef } from "react";
import { Route, Switch, useLocation } from "wouter";
import { RenewSignIn } from "../features/sign-in/RenewSignIn";
import { SignInPage } from "../features/sign-in/SignInPage";
import { ErasedNotice } from "../features/sync/ErasedNotice";
import { RejectedReports } from "../features/sync/RejectedReports";
import { StorageNotice } from "../features/sync/StorageNotice";
import { ServiceProvider } from "../lib/api/service";
import { MarksProvider } from "../lib/progress/marks";
import { SessionProvider, useSession } from "../lib/session/session";
import { AnalyticsRoute } from "./AnalyticsRoute";
import { CourseRoute } from "./CourseRoute";
import { ErrorBoundary } from "./ErrorBoundary";
import { HomeRoute } from "./HomeRoute";
import { NewVersion } from "./NewVersion";
import { NotFoundPage } from "./NotFoundPage";
import { PageShell } from "./PageShell";
import { HOME, YOUR_DATA } from "./routes";
import { YourDataRoute } from "./YourDataRoute";

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
  // Without readable claims the token itself identifies the account.
  const account = claims ? `${claims.otherRole ?? "student"} ${claims.studentId}` : token;
  useFocusOnAccountChange(account);
  const [address, goTo] = useLocation();
  // The token of a program opens no page; the sign-in page says so.
  if (!token || claims?.otherRole === "service") return <SignInPage />;
  return (
    <ServiceProvider key={account} token={token}>
      <MarksProvider>
        <PageShell>
          <StorageNotice />
          <RejectedReports />
          <ErasedNotice isSaid={address === YOUR_DATA} onErased={() => goTo(HOME)} />
          <Switch>
            <Route path={HOME} component={HomeRoute} />
            <Route path="/courses/:courseId/videos/:videoId" component={CourseRoute} />
            <Route path="/courses/:courseId/analytics/videos/:videoId" component={AnalyticsRoute} />
            <Route path="/courses/:courseId/analytics" component={AnalyticsRoute} />
            <Route path="/courses/:courseId" component={CourseRoute} />
            <Route path={YOUR_DATA} component={YourDataRoute} />
            <Route component={NotFoundPage} />
          </Switch>
        </PageShell>
        {isRenewing && <RenewSignIn />}
      </MarksProvider>
    </ServiceProvider>
  );
}

/** After a change of the account, move the focus to the new page: the focused element is gone. */
function useFocusOnAccountChange(account: string | null): void {
  const shown = useRef(account);
  useEffect(() => {
    if (shown.current === account) return;
    shown.current = account;
    document.querySelector("main")?.focus({ preventScroll: true });
  }, [account]);
}
