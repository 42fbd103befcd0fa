/** The path under which a proxy serves the app, for example `/learn`; empty at the root of its host. */
export const ROOT_PATH: string =
  document.querySelector<HTMLMetaElement>('meta[name="progress-root-path"]')?.content ?? "";

/** The address of the service: the paths of its requests and sockets are below it. */
export const SERVICE_URL: string = location.origin + ROOT_PATH;
