/** What a program in Node does with the packages: nothing of a browser may be touched. */
import assert from "node:assert/strict";
import { createElement as element } from "react";
import { renderToString } from "react-dom/server";
import { createProgressClient } from "progress-service-api-client";
import { createTrackerClient } from "progress-service-tracker";
import { openLive } from "progress-service-tracker/live";
import {
  ProgressProvider,
  useLiveProgress,
  useOutbox,
  useResume,
  useWatchProgress,
} from "progress-service-tracker-react";

assert.equal(typeof window, "undefined");

const [service, accountId, token] = process.argv.slice(2);
const client = createTrackerClient({ baseUrl: service, accountId, deviceId: "node", token: () => token });
assert.equal(openLive(client).state.connection, "stopped");
const place = await client.resume("welcome");
assert.equal(place.source, "service");

const api = createProgressClient({ baseUrl: service, token: () => token });
const { data } = await api.GET("/api/progress/video/{video_id}/status", {
  params: { path: { video_id: "welcome" } },
});
assert.equal(data?.watch_time, 0);

function Lesson() {
  const { isLoading } = useResume("welcome");
  const { connection } = useLiveProgress();
  const { waiting } = useOutbox();
  const { percent } = useWatchProgress(null, { videoId: "welcome" });
  return element("p", null, `${isLoading} ${connection} ${waiting} ${percent}`);
}

const html = renderToString(element(ProgressProvider, { client }, element(Lesson)));
assert.equal(html, "<p>true stopped 0 0</p>");
