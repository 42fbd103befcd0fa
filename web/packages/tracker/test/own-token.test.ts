/** A token is used for the account that it names, whichever claim and alphabet that is in. */
import { expect, test } from "vitest";
import { openLink } from "../src/link";
import { FakeNetwork, World } from "./world";

const OF_ANA = "ana";

const tokenWith = (claims: object) => {
  const utf8 = new TextEncoder().encode(JSON.stringify(claims));
  const payload = btoa(String.fromCharCode(...utf8))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
  return `head.${payload}.signature`;
};

const linkFor = (accountId: string, token: string) => {
  const { clock } = new World();
  const network = new FakeNetwork(clock);
  return openLink({ accountId, deviceId: "laptop", token: () => token, clock, network });
};

test.each([
  ["the usual claim", OF_ANA, { sub: OF_ANA }],
  ["letters of other alphabets", "åna·日本", { sub: "åna·日本" }],
  ["another claim than sub", "ana@example.org", { sub: "auth0|17", email: "ana@example.org" }],
  ["a claim inside an object", OF_ANA, { sub: "17", user: { name: OF_ANA } }],
  ["a subject that is no text", "[]", { sub: 17 }],
  ["no user id that a browser could read", OF_ANA, { exp: 1 }],
])("a token is the account's with %s", (_, accountId, claims) => {
  const token = tokenWith(claims);

  expect(linkFor(accountId, token).token()).toBe(token);
});

test.each([
  ["somebody else", OF_ANA, { sub: "ben" }],
  ["somebody whose id begins alike", OF_ANA, { sub: "anabel" }],
  ["somebody else of another alphabet", "åna", { sub: "äna" }],
])("a token of %s is not used", (_, accountId, claims) => {
  expect(linkFor(accountId, tokenWith(claims)).token()).toBeNull();
});
