/** Reads an access token for display and expiry. Only the service decides whether it is valid. */

/** The name of the stored token in `deviceStorage`. */
export const TOKEN_KEY = "progress.token";

export interface TokenClaims {
  /** Distinguishes accounts; not always the user id, which the service may read from another claim. */
  studentId: string;
  /** The name to display, if a claim has one. */
  name: string | null;
  /** Infinity for a token without an expiry. */
  expiresAtMs: number;
  /** The role, if it is not a learner. */
  otherRole: OtherRole | null;
}

export type OtherRole = "teacher" | "service";

type Claims = Record<string, unknown>;

/** The claims that name an account, the most common first. */
const NAMING_CLAIMS = [
  ...["sub", "user_id", "uid", "oid", "preferred_username", "username", "cognito:username"],
  ...["upn", "unique_name", "email", "name"],
];
/** These differ between the tokens of one account. */
const CHANGING_CLAIMS = new Set(
  "exp iat nbf jti auth_time sid session_state nonce at_hash c_hash s_hash uti rh aio acr".split(
    " ",
  ),
);

/** The claims of a JSON Web Token; null for anything else. */
export function readToken(token: string): TokenClaims | null {
  const claims = claimsIn(token);
  if (!claims) return null;
  const name = nameIn(claims);
  return {
    studentId: name ?? stablePartOf(claims),
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
function stablePartOf(claims: Claims): string {
  return JSON.stringify(
    Object.entries(claims)
      .filter(([claim]) => !CHANGING_CLAIMS.has(claim))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function otherRoleIn(roles: unknown[]): OtherRole | null {
  if (roles.includes("student")) return null;
  return (["teacher", "service"] as const).find((role) => roles.includes(role)) ?? null;
}
