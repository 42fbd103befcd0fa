import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createTrackerClient } from "progress-service-tracker";
import { ProgressProvider } from "progress-service-tracker-react";
import { CourseTitle } from "./CourseTitle.js";
import { Lesson } from "./Lesson.js";
import { ACCOUNT_ID, SERVICE, token } from "./session.js";

const client = createTrackerClient({ baseUrl: SERVICE, accountId: ACCOUNT_ID, deviceId: "adopter", token });

createRoot(document.querySelector("#root") as HTMLElement).render(
  <StrictMode>
    <ProgressProvider client={client}>
      <CourseTitle courseId="demo" />
      <Lesson videoId="welcome" source={`${SERVICE}/demo/media/welcome.mp4`} />
    </ProgressProvider>
  </StrictMode>,
);
