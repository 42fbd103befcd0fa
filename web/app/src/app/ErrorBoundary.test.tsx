import { render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { ErrorBoundary } from "./ErrorBoundary";

function Broken(): never {
  throw new Error("watch_time is not a number");
}

test("page that fails shows a message and removes the stored data", () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  localStorage.setItem("progress.known.ana", "{}");
  localStorage.setItem("progress.token", "stored");

  render(
    <ErrorBoundary>
      <Broken />
    </ErrorBoundary>,
  );

  expect(screen.getByRole("alert")).toHaveTextContent("What you watched is safe");
  expect(screen.getByRole("alert")).not.toHaveTextContent("watch_time");
  expect(screen.getByRole("button", { name: "Load again" })).toBeVisible();
  expect(Object.keys(localStorage)).toEqual(["progress.token"]);
});
