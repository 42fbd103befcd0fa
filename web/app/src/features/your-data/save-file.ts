/** Lets the browser save a file: a link could not carry the token. */

/** Safari reads the address after the click has returned. */
const REVOKE_AFTER_MS = 60_000;

export function saveFile(name: string, file: Blob): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), REVOKE_AFTER_MS);
}
