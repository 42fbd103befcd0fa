/**
 * Names the other platforms' packages in package-lock.json, or in the lock file given as argument.
 *
 * npm leaves optional packages out of the lock when the registry it asks does not have them, and
 * `npm ci` then refuses that lock, also where nobody would install them. With their version and
 * platform in the lock it skips them, and the machines that need them find them.
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
