/**
 * Adds the packages of other platforms to package-lock.json, or to the lock file given as argument.
 *
 * npm omits optional packages from the lock when its registry does not have them, and `npm ci` then
 * rejects that lock, even on machines that do not install them. With their version and platform in the
 * lock, `npm ci` skips them, and the machines that need them install them.
 */
import { readFileSync, writeFileSync } from "node:fs";

const LOCK = process.argv[2] ?? new URL("../package-lock.json", import.meta.url);
const PLATFORM = /-(?<os>android|darwin|linux|win32)-(?<cpu>arm64|x64)(?<musl>-musl)?$/;

const lock = JSON.parse(readFileSync(LOCK, "utf8"));
for (const holder of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(holder.optionalDependencies ?? {})) {
    const platform = name.match(PLATFORM)?.groups;
    if (!platform || lock.packages[`node_modules/${name}`]) continue;
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu: [platform.cpu],
      ...(holder.dev && { dev: true }),
      ...(platform.musl && { libc: ["musl"] }),
      optional: true,
      os: [platform.os],
    };
  }
}
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([one], [other]) => (one < other ? -1 : 1)),
);
writeFileSync(LOCK, `${JSON.stringify(lock, null, 2)}\n`);
