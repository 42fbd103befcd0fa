/** The path under which a proxy serves the app, like `/learn`; empty at the root of its host. */

export const ROOT_PATH: string =
  document.querySelector<HTMLMetaElement>('meta[name="progress-root-path"]')?.content ?? "";

/** Where the service is: its calls and sockets have paths below this. */
export const SERVICE_URL: string = location.origin + ROOT_PATH;
