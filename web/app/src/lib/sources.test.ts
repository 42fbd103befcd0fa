import { expect, test } from "vitest";
import { filesOf } from "./sources";

const HERE = "https://learn.example";

test("a file of our own comes with its companions, whichever way it is written", () => {
  const files = filesOf("/demo/media/welcome.mp4", HERE);

  expect(files.sources.map(({ address }) => address)).toEqual([
    "/demo/media/welcome.mp4",
    "/demo/media/welcome.webm",
  ]);
  expect(filesOf(`${HERE}/demo/media/welcome.mp4`, HERE)).toEqual(files);
});

test.each(["https://videos.example/welcome.mp4", "/demo/media/welcome.ogv"])(
  "nothing is assumed beside %s",
  (address) => {
    expect(filesOf(address, HERE)).toEqual({
      sources: [{ address, type: undefined }],
      captions: null,
      chapters: null,
    });
  },
);
