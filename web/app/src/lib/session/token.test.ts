/** The page accepts tokens of any identity provider; the service decides whether they are valid. */
import { expect, test } from "vitest";
import { readToken } from "./token";

const tokenWith = (claims: unknown) => {
  const bytes = new TextEncoder().encode(JSON.stringify(claims));
  const payload = btoa(String.fromCharCode(...bytes));
  return `head.${payload.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}.signature`;
};

test.each([
  ["the usual claim", { sub: "auth0|1", email: "ana@x.org" }, "auth0|1"],
  ["letters of other alphabets", { sub: "åna·日本" }, "åna·日本"],
  ["an address alone", { email: "ana+b@x.org" }, "ana+b@x.org"],
  ["a subject that is no text", { sub: 7, preferred_username: "ana" }, "ana"],
  ["an empty subject", { sub: "", "cognito:username": "ana" }, "ana"],
])("account is read from a token with %s", (_, claims, account) => {
  expect(readToken(tokenWith({ exp: 2, ...claims }))).toEqual({
    studentId: account,
    name: account,
    expiresAtMs: 2000,
    otherRole: null,
  });
});

test("account without a known claim is the same for all of its tokens", () => {
  const first = readToken(tokenWith({ "https://x.org/user": "ana", iss: "x", exp: 1, iat: 1 }));
  const second = readToken(tokenWith({ exp: 9, jti: "b", iss: "x", "https://x.org/user": "ana" }));
  const other = readToken(tokenWith({ "https://x.org/user": "ben", iss: "x", exp: 1, iat: 1 }));

  expect(first?.studentId).toBe(second?.studentId);
  expect(first?.studentId).not.toBe(other?.studentId);
  expect(first?.name).toBeNull();
});

test("token without an expiry does not expire", () => {
  expect(readToken(tokenWith({ sub: "ana" }))?.expiresAtMs).toBe(Number.POSITIVE_INFINITY);
});

test.each([
  ["none", {}, null],
  ["a claim that only the service knows", { realm_access: { roles: ["learner"] } }, null],
  ["an object", { role: { name: "teacher" } }, null],
  ["a list", { roles: ["teacher"] }, "teacher"],
  ["several", { role: "teacher", roles: ["student"] }, null],
  ["a program's", { role: "service" }, "service"],
])("role is read from %s", (_, claims, role) => {
  expect(readToken(tokenWith({ sub: "ana", ...claims }))?.otherRole).toBe(role);
});

test.each([
  "",
  "a.b",
  "a.b.c",
  "a..c",
  "a.b.c.d",
  tokenWith("text"),
  tokenWith(["list"]),
  tokenWith(null),
])("text %s is no token", (text) => {
  expect(readToken(text)).toBeNull();
});
