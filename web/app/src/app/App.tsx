/** The whole app: who is signed in, and which page is shown. */
import { Redirect, Route, Switch } from "wouter";
import { SignInPage } from "../features/sign-in/SignInPage";
import { ServiceProvider } from "../lib/service";
import { SessionProvider, useSession } from "../lib/session";
import { CourseRoute } from "./CourseRoute";
import { NewVersion } from "./NewVersion";
import { NotFoundPage } from "./NotFoundPage";
import { PageShell } from "./PageShell";
import { HOME } from "./routes";

export function App() {
  return (
    <SessionProvider>
      <NewVersion />
      <SignedInOrNot />
    </SessionProvider>
  );
}

function SignedInOrNot() {
  const { token } = useSession();
  if (!token) return <SignInPage />;
  return (
    <ServiceProvider key={token} token={token}>
      <PageShell>
        <Switch>
          <Route path="/">
            <Redirect to={HOME} replace />
          </Route>
          <Route path="/courses/:courseId/videos/:videoId" component={CourseRoute} />
          <Route path="/courses/:courseId" component={CourseRoute} />
          <Route component={NotFoundPage} />
        </Switch>
      </PageShell>
    </ServiceProvider>
  );
}
