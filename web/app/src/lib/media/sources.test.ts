import { expect, test } from "vitest";
import { filesOf, isWebAddress } from "./sources";

const HERE = "https://learn.example";

test("file of the own origin has its companions, with a path or an address", () => {
  const files = filesOf("/demo/media/welcome.mp4", HERE);

  expect(files.sources.map(({ address }) => address)).toEqual([
    "/demo/media/welcome.mp4",
    "/demo/media/welcome.webm",
  ]);
  expect(filesOf(`${HERE}/demo/media/welcome.mp4`, HERE)).toEqual(files);
});

test.each(["https://videos.example/welcome.mp4", "/demo/media/welcome.ogv"])(
  "file %s has no companions",
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
])("address %s is accepted", (address) => {
  expect(isWebAddress(address)).toBe(true);
});

test.each([
  "javascript:alert(1)",
  " data:video/mp4;base64,AAAA",
  "file:///etc/passwd",
  "http://",
  "",
  null,
])("address %j is not accepted", (address) => {
  expect(isWebAddress(address)).toBe(false);
});
