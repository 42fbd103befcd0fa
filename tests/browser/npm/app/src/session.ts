/** Who is signed in and where the service lives; the test says so in the address of the page. */
const query = new URLSearchParams(globalThis.location?.search);

export const SERVICE = query.get("service") ?? "";
export const ACCOUNT_ID = query.get("account") ?? "";
export const token = (): string | null => query.get("token");
