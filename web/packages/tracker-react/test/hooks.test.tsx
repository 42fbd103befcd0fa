import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { flushPromises } from "../../tracker/test/fakes";
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
    <ProgressProvider client={tab.client}>{children}</ProgressProvider>
  );
  const rendered = renderHook(hook, { wrapper, initialProps });
  await act(flushPromises);
  return rendered;
}

describe("useResume", () => {
  test("returns the place of the service, with one request", async () => {
    world.network.responses.resume = [json({ resume_at: 115, watch_time: 125, reason: "resume" })];

    const { result, rerender } = await inside(() => useResume("video-1"));
    rerender(undefined);
    await act(flushPromises);

    expect(result.current).toMatchObject({
      place: { resume_at: 115, watch_time: 125, source: "service" },
      problem: null,
      isLoading: false,
    });
    expect(world.network.to("/resume")).toHaveLength(1);
  });

  test("sends another request on refresh", async () => {
    const { result } = await inside(() => useResume("video-1"));
    world.network.responses.resume = [json({ resume_at: 300 })];

    await act(() => result.current.refresh());

    expect(result.current.place).toMatchObject({ resume_at: 300 });
  });

  test("does not return the place of the previous video", async () => {
    world.network.responses.resume = [json({ resume_at: 115 }), new Promise(() => {})];
    const { result, rerender } = await inside((id: string) => useResume(id), "video-1" as string);

    rerender("video-2");
    await act(flushPromises);

    expect(result.current).toMatchObject({ place: null, isLoading: true });
  });

  test("returns the problem of a rejected request", async () => {
    world.network.responses.resume = [json({ code: "not_enrolled", detail: "Not yours." }, 403)];

    const { result } = await inside(() => useResume("video-1"));

    expect(result.current).toMatchObject({
      place: null,
      problem: { httpStatus: 403, code: "not_enrolled", detail: "Not yours." },
    });
  });

  test("returns the start without a network and without a copy", async () => {
    world.network.setOnline(false);

    const { result } = await inside(() => useResume("video-1"));

    expect(result.current).toMatchObject({
      place: { resume_at: 0, reason: "start", source: "device" },
      problem: null,
    });
  });
});

describe("useLiveProgress", () => {
  test("follows the states and calls the listener of each frame", async () => {
    const onPlaying = vi.fn();
    const onResync = vi.fn();
    const { result } = await inside(() => useLiveProgress({ onPlaying, onResync }));
    const playing = { type: "playing", videoId: "video-1", deviceId: "ipad", watchTime: 754 };

    act(() => {
      world.network.lastSocket.accept();
      world.network.lastSocket.push(playing);
      world.network.lastSocket.push({ type: "heartbeat" });
      world.network.lastSocket.push({ type: "something new" });
    });

    expect(result.current).toMatchObject({
      connection: "live",
      playing: { "video-1": { watchTime: 754 } },
    });
    expect(onPlaying).toHaveBeenCalledExactlyOnceWith(playing);
    expect(onResync).not.toHaveBeenCalled();
  });

  test("closes the connection when it is unmounted", async () => {
    const { unmount } = await inside(() => useLiveProgress());

    unmount();

    expect(world.network.lastSocket.isClosed).toBe(true);
  });
});

test("useOutbox counts the pending reports", async () => {
  const { result } = await inside(() => useOutbox());

  act(() => {
    world.network.setOnline(false);
    for (const session of ["one", "two", "three"]) {
      tab.outbox.put(session, `video-${session}`, aReport());
    }
  });
  expect(result.current).toMatchObject({ waiting: 3, isOnline: false });

  for (const session of ["one", "two", "three"]) void tab.outbox.close(session);
  act(() => world.network.setOnline(true));
  await act(flushPromises);

  expect(result.current).toMatchObject({ waiting: 0, isDraining: false, isOnline: true });
});

test("hook without its provider throws", () => {
  expect(() => renderHook(() => useOutbox())).toThrow("ProgressProvider");
});
