/** Random ids, also on pages that are not served over HTTPS. */

/** A random UUID (version 4, RFC 9562). */
export function randomId(): string {
  // The 4 is the version, the 8 the variant.
  return "00000000-0000-4000-8000-000000000000".replace(/0/g, () => {
    const random = Number(crypto.getRandomValues(new Uint8Array(1)));
    return (random & 15).toString(16);
  });
}
