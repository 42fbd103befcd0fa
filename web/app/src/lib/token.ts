/** Reads an access token for display and expiry. The service alone decides whether it is valid. */

export interface TokenClaims {
  studentId: string;
  expiresAtMs: number;
  /** Whom it was made for, if not for a learner. */
  otherRole: OtherRole | null;
}

export type OtherRole = "teacher" | "service";

/** The claims inside a JSON Web Token, or null when this is none. */
export function readToken(token: string): TokenClaims | null {
  const payload = token.split(".")[1];
  if (!payload || token.split(".").length !== 3) return null;
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (char) =>
      char.charCodeAt(0),
    );
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof claims.sub !== "string" || typeof claims.exp !== "number") return null;
    return {
      studentId: claims.sub,
      expiresAtMs: claims.exp * 1000,
      otherRole: otherRoleIn([claims.role, claims.roles].flat()),
    };
  } catch {
    return null;
  }
}

function otherRoleIn(roles: unknown[]): OtherRole | null {
  if (roles.includes("student")) return null;
  return (["teacher", "service"] as const).find((role) => roles.includes(role)) ?? null;
}
