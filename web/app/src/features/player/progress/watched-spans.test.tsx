import { dehydrate, QueryClient } from "@tanstack/react-query";
import { waitFor } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { queryKeys } from "../../../lib/api/query-keys";
import { restoreQueries } from "../../../lib/api/query-persistence";
import { aStatus, aSummary, FakeService } from "../../../testing/fake-service";
import { load, pauseAt, theVideo } from "../../../testing/fake-video";
import { renderPart } from "../../../testing/render";
import { VideoPlayer } from "../VideoPlayer";

const STORED = "progress.known.ana";

let service: FakeService;

beforeEach(() => {
  service = new FakeService();
});

const open = () => renderPart(<VideoPlayer videoId="welcome" title="Welcome" onClose={() => {}} />);

const shaded = () =>
  [...document.querySelectorAll<HTMLElement>("[data-seen]")].map(
    ({ style }) => `${style.left} + ${style.width}`,
  );

/** A visit without a network, to a course that was read on an earlier visit. */
async function openOffline(): Promise<HTMLVideoElement> {
  service.setOnline(false);
  open();
  const video = await theVideo();
  load(video);
  return video;
}

/** Store the course and its list, as on an earlier visit. */
function storeList(statuses: Record<string, object>): void {
  const client = new QueryClient();
  restoreQueries(client, "ana");
  client.setQueryData(queryKeys.course("demo"), service.course);
  client.setQueryData(queryKeys.statuses(Object.keys(statuses)), statuses);
  localStorage.setItem(STORED, JSON.stringify(dehydrate(client)));
}

test("watched spans of earlier sessions are read with the status of the video", async () => {
  service.statuses.welcome = aStatus({
    watch_time: 60,
    total_duration: 600,
    watched_spans: [
      [0, 60],
      [300, 450],
    ],
  });

  open();
  load(await theVideo());

  await waitFor(() => expect(shaded()).toEqual(["0% + 10%", "50% + 25%"]));
  expect(service.callsTo("/status")).toHaveLength(1);
  expect(service.callsTo("/videos/batch")).toEqual([]);
});

test("watched spans are available on a later visit without a network", async () => {
  service.statuses.welcome = aStatus({ watched_spans: [[0, 60]], total_duration: 600 });
  const { unmount } = open();
  load(await theVideo());
  window.dispatchEvent(new Event("pagehide"));
  unmount();
  storeList({ welcome: aSummary({ watch_time: 60, total_duration: 600 }) });

  const video = await openOffline();

  expect(video.currentTime).toBe(60);
  expect(shaded()).toEqual(["0% + 10%"]);
});

test.each([
  ["without spans", {}],
  ["with spans, as older versions did", { watched_spans: [[0, 60]] }],
])("stored list %s opens the video at its place", async (_what, extra) => {
  storeList({ welcome: { ...aSummary({ watch_time: 60, total_duration: 600 }), ...extra } });

  const video = await openOffline();

  expect(video.currentTime).toBe(60);
  expect(shaded()).toEqual([]);
});

test("watched spans are updated when the status is read again", async () => {
  service.statuses.welcome = aStatus({ watch_time: 400, total_duration: 600 });
  open();
  const video = await theVideo();
  load(video);
  expect(shaded()).toEqual([]);
  service.statuses.welcome = aStatus({ completed: true, watched_spans: [[0, 480]] });

  pauseAt(video, 490);

  await waitFor(() => expect(shaded()).toEqual(["0% + 80%"]));
});
