import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { FakeService } from "../../testing/fake-service";
import { aToken, renderApp, signInAs } from "../../testing/render";

test("page without playback never shows that it is saving", async () => {
  new FakeService();
  signInAs(aToken());
  const shown = new Set<string | null>();
  const look = () =>
    shown.add(screen.queryByRole("status", { name: "Saving" })?.textContent ?? null);
  const observer = new MutationObserver(look);
  observer.observe(document.body, { childList: true, characterData: true, subtree: true });
  renderApp();

  await waitFor(() => expect([...shown]).toContain("All saved"), { timeout: 5_000 });
  observer.disconnect();

  expect([...shown]).not.toContain("Saving …");
});
