/** Reads the claims of a token. Only the service decides whether it is valid. */

export interface Claims {
  sub?: string;
  /** Seconds since 1970. */
  exp?: number;
}

/** Empty for anything that is not a JSON Web Token. */
export function claimsOf(token: string | null): Claims {
  try {
    // Without three parts, this throws.
    const [, payload] = (token as string).split(".") as [string, string];
    const bytes = atob(payload.replace(/-/g, "+").replace(/_/g, "/"));
    // Ids may contain letters of any alphabet.
    return JSON.parse(decodeURIComponent(escape(bytes)));
  } catch {
    return {};
  }
}
