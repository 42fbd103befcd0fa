import { expect, test } from "vitest";
import { filesOf, isWebAddress } from "./sources";

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

test.each([
  "/demo/media/welcome.mp4",
  "welcome.mp4",
  "https://videos.example/w.mp4",
  "//a.example/w",
])("%s may be fetched", (address) => {
  expect(isWebAddress(address)).toBe(true);
});

test.each([
  "javascript:alert(1)",
  " data:video/mp4;base64,AAAA",
  "file:///etc/passwd",
  "http://",
  "",
  null,
])("%j may not", (address) => {
  expect(isWebAddress(address)).toBe(false);
});
