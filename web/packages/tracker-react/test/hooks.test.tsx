import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { settle } from "../../tracker/test/fakes";
import { aReport, json, World } from "../../tracker/test/world";
import { ProgressProvider, useLiveProgress, useOutbox, useResume } from "../src/index";

let world: World;
let tab: ReturnType<World["openTab"]>;

beforeEach(() => {
  world = new World();
  tab = world.openTab();
});

async function inside<Result, Props>(hook: (props: Props) => Result, initialProps?: Props) {
  const wrapper = ({ children }: { children: ReactNode }) => (
    <ProgressProvider link={tab.link}>{children}</ProgressProvider>
  );
  const rendered = renderHook(hook, { wrapper, initialProps });
  await act(settle);
  return rendered;
}

describe("useResume", () => {
  test("gives the service's answer, asked once", async () => {
    world.network.answers.resume = [json({ resume_at: 115, watch_time: 125, reason: "resume" })];

    const { result, rerender } = await inside(() => useResume("video-1"));
    rerender(undefined);
    await act(settle);

    expect(result.current).toMatchObject({
      place: { resume_at: 115, watch_time: 125, source: "service" },
      problem: null,
      isLoading: false,
    });
    expect(world.network.to("/resume")).toHaveLength(1);
  });

  test("asks again when told to", async () => {
    const { result } = await inside(() => useResume("video-1"));
    world.network.answers.resume = [json({ resume_at: 300 })];

    await act(() => result.current.refresh());

    expect(result.current.place).toMatchObject({ resume_at: 300 });
  });

  test("says nothing about the video before", async () => {
    world.network.answers.resume = [json({ resume_at: 115 }), new Promise(() => {})];
    const { result, rerender } = await inside((id: string) => useResume(id), "video-1" as string);

    rerender("video-2");
    await act(settle);

    expect(result.current).toMatchObject({ place: null, isLoading: true });
  });

  test("says what is wrong", async () => {
    world.network.answers.resume = [json({ code: "not_enrolled", detail: "Not yours." }, 403)];

    const { result } = await inside(() => useResume("video-1"));

    expect(result.current).toMatchObject({
      place: null,
      problem: { httpStatus: 403, code: "not_enrolled", detail: "Not yours." },
    });
  });

  test("out of reach and nothing known: the start", async () => {
    world.network.setOnline(false);

    const { result } = await inside(() => useResume("video-1"));

    expect(result.current).toMatchObject({
      place: { resume_at: 0, reason: "start", source: "device" },
      problem: null,
    });
  });
});

describe("useLiveProgress", () => {
  test("follows the states and tells each frame to its listener", async () => {
    const onPlaying = vi.fn();
    const onResync = vi.fn();
    const { result } = await inside(() => useLiveProgress({ onPlaying, onResync }));
    const playing = { type: "playing", videoId: "video-1", deviceId: "ipad", watchTime: 754 };

    act(() => {
      world.network.lastSocket.welcome();
      world.network.lastSocket.say(playing);
      world.network.lastSocket.say({ type: "heartbeat" });
      world.network.lastSocket.say({ type: "something new" });
    });

    expect(result.current).toMatchObject({
      connection: "live",
      playing: { "video-1": { watchTime: 754 } },
    });
    expect(onPlaying).toHaveBeenCalledExactlyOnceWith(playing);
    expect(onResync).not.toHaveBeenCalled();
  });

  test("the connection ends with the page", async () => {
    const { unmount } = await inside(() => useLiveProgress());

    unmount();

    expect(world.network.lastSocket.isClosed).toBe(true);
  });
});

test("useOutbox counts what waits", async () => {
  const { result } = await inside(() => useOutbox());

  act(() => {
    world.network.setOnline(false);
    for (const session of ["one", "two", "three"]) {
      tab.outbox.keep(session, `video-${session}`, aReport());
    }
  });
  expect(result.current).toMatchObject({ waiting: 3, isOnline: false });

  for (const session of ["one", "two", "three"]) void tab.outbox.release(session);
  act(() => world.network.setOnline(true));
  await act(settle);

  expect(result.current).toMatchObject({ waiting: 0, isDraining: false, isOnline: true });
});

test("a hook without its provider says so", () => {
  expect(() => renderHook(() => useOutbox())).toThrow("ProgressProvider");
});
