/** A token is used only for the account that it names, in any claim and any alphabet. */
import { expect, test } from "vitest";
import { createTrackerClient } from "../src/client";
import { FakeNetwork, World } from "./world";

const OF_ANA = "ana";

const tokenWith = (claims: object) => {
  const utf8 = new TextEncoder().encode(JSON.stringify(claims));
  const payload = btoa(String.fromCharCode(...utf8))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
  return `head.${payload}.signature`;
};

const clientFor = (accountId: string, token: string) => {
  const { clock } = new World();
  const network = new FakeNetwork(clock);
  return createTrackerClient({ accountId, deviceId: "laptop", token: () => token, clock, network });
};

test.each([
  ["the usual claim", OF_ANA, { sub: OF_ANA }],
  ["letters of other alphabets", "åna·日本", { sub: "åna·日本" }],
  ["another claim than sub", "ana@example.org", { sub: "auth0|17", email: "ana@example.org" }],
  ["a claim inside an object", OF_ANA, { sub: "17", user: { name: OF_ANA } }],
  ["a subject that is no text", "[]", { sub: 17 }],
  ["no user id that a browser could read", OF_ANA, { exp: 1 }],
])("token is used for the account with %s", (_, accountId, claims) => {
  const token = tokenWith(claims);

  expect(clientFor(accountId, token).token()).toBe(token);
});

test.each([
  ["another account", OF_ANA, { sub: "ben" }],
  ["an account with a longer id", OF_ANA, { sub: "anabel" }],
  ["an account with a similar letter", "åna", { sub: "äna" }],
])("token of %s is not used", (_, accountId, claims) => {
  expect(clientFor(accountId, tokenWith(claims)).token()).toBeNull();
});
