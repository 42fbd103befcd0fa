import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { aStatus, FakeService } from "../../testing/fake-service";
import { fire, load, pauseAt, set, theVideo } from "../../testing/fake-video";
import { renderPart } from "../../testing/render";
import { VideoPlayer, type VideoPlayerProps } from "./VideoPlayer";

let service: FakeService;

beforeEach(() => {
  service = new FakeService();
});

function open(props: Partial<VideoPlayerProps> = {}) {
  return renderPart(
    <VideoPlayer videoId="welcome" title="Welcome" onClose={() => {}} {...props} />,
  );
}

const halfway = aStatus({ watch_time: 125.5, total_duration: 600, progress_percentage: 20.92 });
const aPlace = { last_watched: "2026-01-01T00:00:00Z", age_seconds: 7200 };
const finished = aStatus({ watch_time: 599, total_duration: 600, completed: true });

describe("the start", () => {
  test("is the saved place", async () => {
    service.statuses.welcome = halfway;
    open();

    const video = await theVideo();
    fire(video, "loadedmetadata");

    expect(video.currentTime).toBe(125.5);
  });

  test("is sought once, not whenever the media loads", async () => {
    service.statuses.welcome = halfway;
    open();
    const video = await theVideo();
    load(video);

    pauseAt(video, 300);
    fire(video, "loadedmetadata");

    expect(video.currentTime).toBe(300);
  });

  test("is the given place instead of the saved one", async () => {
    service.statuses.welcome = halfway;
    open({ initialWatchTime: 300 });

    const video = await theVideo();
    fire(video, "loadedmetadata");

    expect(video.currentTime).toBe(300);
  });

  test("is the beginning of a completed video", async () => {
    service.statuses.welcome = finished;
    open();

    const video = await theVideo();
    fire(video, "loadedmetadata");

    expect(video.currentTime).toBe(0);
  });
});

describe("a start before the saved place", () => {
  beforeEach(() => {
    service.statuses.welcome = halfway;
    service.resume.welcome = { resume_at: 115.5, reason: "resume", rewind_seconds: 10 };
  });

  test("is explained, with a button to the exact place", async () => {
    open();
    const video = await theVideo();
    load(video);
    expect(video.currentTime).toBe(115.5);
    expect(screen.getByText(/Rewound 10 s/)).toBeVisible();

    await userEvent.click(screen.getByRole("button", { name: "Go to 2:05" }));

    expect(video.currentTime).toBe(125.5);
    expect(screen.queryByText(/Rewound/)).toBeNull();
    expect(video).toHaveFocus();
  });

  test("offers the places of other devices", async () => {
    const place = { device_id: "phone", watch_time: 400, age_seconds: 7200 };
    service.resume.welcome = {
      ...service.resume.welcome,
      alternatives: [{ ...place, last_watched: "2026-01-01T00:00:00Z" }],
    };
    open();
    const video = await theVideo();
    load(video);

    expect(screen.getByText(/Another of your devices, 2 hours ago/)).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Go to 6:40" }));

    expect(video.currentTime).toBe(400);
  });

  test("offers each device and each place once", async () => {
    service.resume.welcome = {
      ...service.resume.welcome,
      alternatives: [
        { ...aPlace, device_id: "tablet", watch_time: 58 },
        { ...aPlace, device_id: "tablet", watch_time: 300 },
        { ...aPlace, device_id: "television", watch_time: 60 },
      ],
    };
    open();
    load(await theVideo());

    expect(screen.getAllByText(/Another of your devices/)).toHaveLength(1);
    expect(screen.getByRole("button", { name: "Go to 0:58" })).toBeVisible();
  });

  test("does not offer a place again that was used", async () => {
    service.resume.welcome = {
      ...service.resume.welcome,
      alternatives: [{ ...aPlace, device_id: "watch", watch_time: 58 }],
    };
    const { unmount } = open();
    load(await theVideo());
    await userEvent.click(screen.getByRole("button", { name: "Go to 0:58" }));
    unmount();

    open();
    load(await theVideo());

    expect(screen.getByText(/Rewound 10 s/)).toBeVisible();
    expect(screen.queryByText(/Another of your devices/)).toBeNull();
  });
});

describe("a video without autoplay", () => {
  test("does not play", async () => {
    service.statuses.welcome = halfway;
    open();
    const video = await theVideo();
    const play = vi.spyOn(video, "play");

    load(video);

    expect(play).not.toHaveBeenCalled();
  });
});

describe("a video with autoplay", () => {
  test("plays once it is in its place", async () => {
    service.statuses.welcome = halfway;
    const onPlayingChange = vi.fn();
    open({ autoPlay: true, onPlayingChange });
    const video = await theVideo();
    const play = vi.spyOn(video, "play").mockResolvedValue();

    fire(video, "loadedmetadata");
    expect(play).not.toHaveBeenCalled();
    fire(video, "seeked");

    expect(play).toHaveBeenCalledOnce();
    set(video, { paused: false });
    fire(video, "play");
    await waitFor(() => expect(onPlayingChange).toHaveBeenLastCalledWith(true));
    set(video, { paused: true });
    fire(video, "pause");
    await waitFor(() => expect(onPlayingChange).toHaveBeenLastCalledWith(false));
  });

  test("does not play, without an error, when the browser blocks it", async () => {
    open({ autoPlay: true });
    const video = await theVideo();
    const blocked = new DOMException("not now", "NotAllowedError");
    const play = vi.spyOn(video, "play").mockRejectedValue(blocked);

    load(video);

    expect(play).toHaveBeenCalledOnce();
    expect(screen.queryByRole("alert")).toBeNull();
  });
});

test("notice of the start closes by itself while the video plays", async () => {
  service.statuses.welcome = halfway;
  open();
  const video = await theVideo();
  load(video);
  expect(screen.getByText("Goes on at 2:05, where you left off.")).toBeVisible();

  set(video, { paused: false });
  fire(video, "play");

  await waitFor(() => expect(screen.queryByText(/Goes on at/)).toBeNull(), { timeout: 15_000 });
}, 20_000);

describe("the card at the end of the video", () => {
  const atEnd = async () => {
    open();
    const video = await theVideo();
    load(video);
    video.currentTime = 599;
    fire(video, "timeupdate");
    return screen.findByRole("region", { name: "After this video" });
  };

  test("asks to complete this video when nothing else is left", async () => {
    service.completedIds = ["reading-list", "state"];
    service.resume.welcome = { next: null };
    service.statuses.welcome = aStatus({ complete_at_percent: 100 });

    const card = await atEnd();

    expect(card).toHaveTextContent("Nothing else is left in this course");
    expect(card).not.toHaveTextContent("Nothing is left");
  });

  test("says that nothing is left when everything is done", async () => {
    service.resume.welcome = { next: null };
    service.statuses.welcome = aStatus({ completed: true });

    expect(await atEnd()).toHaveTextContent("Nothing is left in this course");
  });
});

describe("the focus is on the picture after", () => {
  beforeEach(() => {
    const [welcome] = service.course.materials;
    Object.assign(welcome ?? {}, { intro: { start_seconds: 0, end_seconds: 8 } });
  });

  test("the intro was skipped", async () => {
    open();
    const video = await theVideo();
    load(video);
    await userEvent.click(screen.getByRole("button", { name: "Skip intro" }));

    fire(video, "timeupdate");

    await waitFor(() => expect(video).toHaveFocus());
  });

  test("the video is watched again", async () => {
    open();
    const video = await theVideo();
    load(video);
    vi.spyOn(video, "play").mockResolvedValue();
    video.currentTime = 599;
    fire(video, "timeupdate");
    await userEvent.click(await screen.findByRole("button", { name: "Watch again" }));

    fire(video, "timeupdate");

    await waitFor(() => expect(video).toHaveFocus());
  });

  test("the learner stays in this video", async () => {
    open();
    const video = await theVideo();
    load(video);
    video.currentTime = 599;
    fire(video, "timeupdate");

    await userEvent.click(await screen.findByRole("button", { name: "Stay in this video" }));

    expect(video).toHaveFocus();
  });
});

describe("below the video", () => {
  test("the percentage is rounded down", async () => {
    service.statuses.welcome = aStatus({ watch_time: 477.6, total_duration: 600 });
    open();
    load(await theVideo());

    expect(screen.getByText("79 %")).toBeVisible();
  });

  test("the percentage and the time remaining are shown", async () => {
    service.statuses.welcome = halfway;
    open();
    load(await theVideo());

    expect(screen.getByText("20 %")).toBeVisible();
    expect(screen.getByText("7:55 remaining")).toBeVisible();
    expect(screen.getByRole("progressbar")).toHaveAttribute("aria-valuetext", "2:05 of 10:00");
  });

  test("the figures follow the video", async () => {
    open();
    const video = await theVideo();
    load(video);

    video.currentTime = 300;
    fire(video, "timeupdate");

    expect(await screen.findByText("50 %")).toBeVisible();
    expect(screen.getByText("5:00 remaining")).toBeVisible();
  });

  test("a chapter seeks to its start, and the current one is marked", async () => {
    open();
    const video = await theVideo();
    load(video);

    await userEvent.click(screen.getByRole("button", { name: /Middle/ }));
    fire(video, "timeupdate");

    expect(video.currentTime).toBe(120);
    await waitFor(() =>
      expect(screen.getByRole("button", { name: /Middle/ })).toHaveAttribute(
        "aria-current",
        "true",
      ),
    );
    expect(screen.getByRole("button", { name: /Intro/ })).not.toHaveAttribute("aria-current");
  });
});

describe("the files", () => {
  test("are MP4, then WebM, with captions and chapters", async () => {
    open();
    const video = await theVideo();

    const sources = [...video.querySelectorAll("source")].map((source) =>
      source.getAttribute("src"),
    );
    expect(sources).toEqual(["/demo/media/welcome.mp4", "/demo/media/welcome.webm"]);
    expect(video.querySelector("track[kind=captions]")).toHaveAttribute(
      "src",
      "/demo/media/welcome.captions.vtt",
    );
    expect(video.querySelector("track[kind=chapters]")).toHaveAttribute(
      "src",
      "/demo/media/welcome.chapters.vtt",
    );
  });

  test("that do not play cause an error with a retry", async () => {
    open();
    const video = await theVideo();
    const loadAgain = vi.spyOn(video, "load").mockImplementation(() => {});
    fire(video, "loadstart");

    const last = video.querySelector("source:last-of-type");
    last?.dispatchEvent(new Event("error"));
    await userEvent.click(await screen.findByRole("button", { name: "Try again" }));

    expect(loadAgain).toHaveBeenCalledOnce();
    expect(screen.queryByRole("alert")).toBeNull();
  });
});

describe("completion", () => {
  test("is reported once, when the service has it", async () => {
    const onComplete = vi.fn();
    open({ onComplete });
    const video = await theVideo();
    load(video);
    service.statuses.welcome = finished;

    pauseAt(video, 480);
    await waitFor(() => expect(onComplete).toHaveBeenCalledOnce());
    pauseAt(video, 590);
    await waitFor(() => expect(service.reports).toHaveLength(2), { timeout: 3000 });

    expect(onComplete).toHaveBeenCalledOnce();
    expect(await screen.findByText("Completed")).toBeVisible();
    expect(await screen.findByText("Welcome is completed.")).toBeInTheDocument();
  });

  test("is checked at the threshold itself, not ten seconds later", async () => {
    service.statuses.welcome = aStatus({ watch_time: 479.5, total_duration: 600 });
    open();
    const video = await theVideo();
    load(video);
    set(video, { paused: false });
    fire(video, "play");

    video.currentTime = 480.25;
    fire(video, "timeupdate");

    await waitFor(() => expect(service.reports).toHaveLength(1));
    expect(service.reports[0]).toMatchObject({ watch_time: 480.25 });
  });

  test("is decided by the service, not by the percentage", async () => {
    const onComplete = vi.fn();
    open({ onComplete });
    const video = await theVideo();
    load(video);

    pauseAt(video, 590);
    await waitFor(() => expect(service.callsTo("/status")).toHaveLength(2));

    expect(onComplete).not.toHaveBeenCalled();
    expect(screen.queryByText("Completed")).toBeNull();
  });

  test("is not checked below the threshold", async () => {
    open();
    const video = await theVideo();
    load(video);

    pauseAt(video, 479);
    await waitFor(() => expect(service.reports).toHaveLength(1));

    expect(service.callsTo("/status")).toHaveLength(1);
  });

  test("of a completed video is shown and not reported again", async () => {
    service.statuses.welcome = finished;
    const onComplete = vi.fn();
    open({ onComplete });
    const video = await theVideo();
    load(video);

    pauseAt(video, 590);
    await waitFor(() => expect(service.reports).toHaveLength(1));

    expect(await screen.findByText("Completed")).toBeVisible();
    expect(onComplete).not.toHaveBeenCalled();
  });
});

describe("reports", () => {
  test("are sent for the last place when the player is unmounted", async () => {
    const { unmount } = open();
    const video = await theVideo();
    load(video);
    set(video, { paused: false });
    fire(video, "play");
    video.currentTime = 0.5;
    fire(video, "timeupdate");

    unmount();

    await waitFor(() => expect(service.reports).toHaveLength(1));
    expect(service.reports[0]).toMatchObject({
      kind: "flush",
      watch_time: 0.5,
      total_duration: 600,
    });
  });

  test("are not sent when the player is only opened and closed", async () => {
    service.statuses.welcome = halfway;
    const { unmount } = open();
    load(await theVideo());

    unmount();

    expect(service.reports).toEqual([]);
  });

  test("that are rejected cause an error without field names", async () => {
    open();
    const video = await theVideo();
    load(video);
    service.problem = { status: 422, code: "duration_mismatch", detail: "The video is longer." };

    pauseAt(video, 60);

    expect(await screen.findByRole("alert")).toHaveTextContent(
      "not being saved. The service did not accept this.",
    );
  });
});

test("Escape and the button close the player", async () => {
  const onClose = vi.fn();
  open({ onClose });
  await theVideo();

  await userEvent.keyboard("{Escape}");
  await userEvent.click(screen.getByRole("button", { name: "Close video" }));

  expect(onClose).toHaveBeenCalledTimes(2);
});

test("Escape of an open menu does not close the player", async () => {
  const onClose = vi.fn();
  open({ onClose });
  await theVideo();
  const closeMenu = (event: Event) => event.preventDefault();
  document.addEventListener("keydown", closeMenu, { once: true });

  await userEvent.keyboard("{Escape}");

  expect(onClose).not.toHaveBeenCalled();
});

test.each([null, "javascript:alert(1)"])("video with the file %j shows a remedy", async (url) => {
  for (const material of service.course.materials) material.source_url = url;

  open();

  expect(await screen.findByRole("alert")).toHaveTextContent("Tell your teacher");
});
