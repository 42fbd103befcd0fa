/** Reads an access token for display and expiry. The service alone decides whether it is valid. */

export interface TokenClaims {
  /** Tells accounts apart; not always the user id, which the service may read elsewhere. */
  studentId: string;
  /** What to call the account, if a claim names it. */
  name: string | null;
  /** Endless if the token does not say. */
  expiresAtMs: number;
  /** Whom it was made for, if not for a learner. */
  otherRole: OtherRole | null;
}

export type OtherRole = "teacher" | "service";

type Claims = Record<string, unknown>;

/** Which claims name an account, the most usual first. */
const NAMING_CLAIMS = [
  ...["sub", "user_id", "uid", "oid", "preferred_username", "username", "cognito:username"],
  ...["upn", "unique_name", "email", "name"],
];
/** These change with each token of an account. */
const PASSING_CLAIMS = new Set(
  "exp iat nbf jti auth_time sid session_state nonce at_hash c_hash s_hash uti rh aio acr".split(
    " ",
  ),
);

/** The claims inside a JSON Web Token, or null when this is none. */
export function readToken(token: string): TokenClaims | null {
  const claims = claimsIn(token);
  if (!claims) return null;
  const name = nameIn(claims);
  return {
    studentId: name ?? lastingPartOf(claims),
    name,
    expiresAtMs: typeof claims.exp === "number" ? claims.exp * 1000 : Number.POSITIVE_INFINITY,
    otherRole: otherRoleIn([claims.role, claims.roles].flat()),
  };
}

function claimsIn(token: string): Claims | null {
  const [, payload, signature, ...others] = token.split(".");
  if (!payload || signature === undefined || others.length) return null;
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (char) =>
      char.charCodeAt(0),
    );
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const isObject = typeof claims === "object" && claims !== null && !Array.isArray(claims);
    return isObject ? (claims as Claims) : null;
  } catch {
    return null;
  }
}

function nameIn(claims: Claims): string | null {
  const named = NAMING_CLAIMS.map((claim) => claims[claim]).find(
    (value) => typeof value === "string" && value !== "",
  );
  return (named as string | undefined) ?? null;
}

/** The same for each token of an account. */
function lastingPartOf(claims: Claims): string {
  return JSON.stringify(
    Object.entries(claims)
      .filter(([claim]) => !PASSING_CLAIMS.has(claim))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function otherRoleIn(roles: unknown[]): OtherRole | null {
  if (roles.includes("student")) return null;
  return (["teacher", "service"] as const).find((role) => roles.includes(role)) ?? null;
}
