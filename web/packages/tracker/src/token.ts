/** Reads the claims of a token. Only the service decides whether it is valid. */

export interface Claims {
  sub?: string;
  /** Seconds since 1970. */
  exp?: number;
}

/** Empty for anything that is not a JSON Web Token. */
export function claimsOf(token: string): Claims {
  try {
    const payload = token.split(".")[1] ?? "";
    const bytes = atob(payload.replace(/-/g, "+").replace(/_/g, "/"));
    // Ids may contain letters of any alphabet.
    return JSON.parse(decodeURIComponent(escape(bytes)));
  } catch {
    return {};
  }
}
