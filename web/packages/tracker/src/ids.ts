/** Random ids, also on pages that are not served over HTTPS. */

/** A random UUID (version 4, RFC 9562). */
export function randomId(): string {
  return "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) => {
    const [random = 0] = crypto.getRandomValues(new Uint8Array(1));
    // Of the 8, the two upper bits stay: they are the variant.
    return (+digit ^ (random & (15 >> (+digit / 4)))).toString(16);
  });
}
