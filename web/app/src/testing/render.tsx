/** Renders the app, or a part of it, for a signed-in student. */
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { App } from "../app/App";
import { ServiceProvider } from "../lib/api/service";
import { CourseProvider } from "../lib/progress/course-context";
import { SessionProvider } from "../lib/session/session";

/** A token like those of the service; its signature is not checked here. */
export function aToken({ studentId = "ana", role = "student", livesSeconds = 3600 } = {}): string {
  const claims = { sub: studentId, role, exp: Math.floor(Date.now() / 1000) + livesSeconds };
  return [{ alg: "HS256" }, claims, "signature"]
    .map((part) => btoa(JSON.stringify(part)))
    .join(".");
}

export function signInAs(token: string): void {
  localStorage.setItem("progress.token", token);
}

export function renderApp(address = "/courses/demo") {
  history.replaceState(null, "", address);
  return render(<App />);
}

/** Render `part` inside the providers that it requires, on the page of the course `demo`. */
export function renderPart(part: ReactNode) {
  const token = aToken();
  signInAs(token);
  return render(part, {
    wrapper: ({ children }) => (
      <SessionProvider>
        <ServiceProvider token={token}>
          <CourseProvider value="demo">{children}</CourseProvider>
        </ServiceProvider>
      </SessionProvider>
    ),
  });
}
