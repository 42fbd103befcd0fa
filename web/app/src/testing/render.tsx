/** Shows parts of the app as a signed-in student would see them. */
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { App } from "../app/App";
import { CourseProvider } from "../lib/course-context";
import { ServiceProvider } from "../lib/service";
import { SessionProvider } from "../lib/session";

/** A token as the service makes them; its signature is nobody's business here. */
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

/** `part` inside everything it expects, on the page of the course `demo`. */
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
