import { describe, expect, test } from "vitest";
import { aVideoRow } from "../../testing/fake-analytics";
import { nextOrder, sortVideos } from "./sort-videos";

const rows = [
  aVideoRow({
    video_id: "b",
    title: "Béta",
    learners: { enrolled: 90, viewers: 20, completed: 5 },
  }),
  aVideoRow({
    video_id: "hidden",
    title: "alpha",
    suppressed: true,
    learners: { enrolled: null, viewers: null, completed: null },
    average_percentage_viewed: null,
    worst_drop_off: null,
  }),
  aVideoRow({
    video_id: "c",
    title: "Gamma",
    learners: { enrolled: 90, viewers: 45, completed: 40 },
    average_percentage_viewed: 91.5,
    worst_drop_off: null,
  }),
];

const ids = (order: Parameters<typeof sortVideos>[1]) =>
  sortVideos(rows, order).map(({ video_id }) => video_id);

describe("videos", () => {
  test("are in the order of the course at first", () => {
    expect(ids(null)).toEqual(["b", "hidden", "c"]);
  });

  test("are sorted by a number, with unpublished numbers last in both directions", () => {
    expect(ids({ by: "viewers", isDescending: true })).toEqual(["c", "b", "hidden"]);
    expect(ids({ by: "viewers", isDescending: false })).toEqual(["b", "c", "hidden"]);
    expect(ids({ by: "viewed", isDescending: true })[0]).toBe("c");
    expect(ids({ by: "dropOff", isDescending: false })).toEqual(["b", "hidden", "c"]);
  });

  test("are sorted by title without regard to case", () => {
    expect(ids({ by: "title", isDescending: false })).toEqual(["hidden", "b", "c"]);
  });

  test("keep their order when their numbers are equal", () => {
    const equal = rows.map((row) => ({ ...row, completion_rate_of_viewers: 0.5 }));
    expect(sortVideos(equal, { by: "completion", isDescending: true })).toEqual(equal);
  });
});

test("column is sorted in the other direction when it is chosen again", () => {
  const first = nextOrder(null, "viewers");
  expect(first).toEqual({ by: "viewers", isDescending: true });
  expect(nextOrder(first, "viewers")).toEqual({ by: "viewers", isDescending: false });
  expect(nextOrder(first, "title")).toEqual({ by: "title", isDescending: false });
});
