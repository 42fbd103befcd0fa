/**
 * Builds the package of the current folder into `dist`: ES modules and their types.
 *
 * The sources import each other without file extensions. Node and the `nodenext` resolution of
 * TypeScript require extensions, so they are added to the output of the compiler.
 */
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const RELATIVE_IMPORT = /(\bfrom\s+|\bimport\s*\(?\s*)"(\.{1,2}\/[^"]+)"/g;
const COMPILER = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));

rmSync("dist", { recursive: true, force: true });
execFileSync(process.execPath, [COMPILER, "--project", "tsconfig.build.json"], {
  stdio: "inherit",
});
for (const name of readdirSync("dist", { recursive: true })) {
  if (!/\.(js|d\.ts)$/.test(name)) continue;
  const file = join("dist", name);
  const text = readFileSync(file, "utf8");
  writeFileSync(
    file,
    text.replace(RELATIVE_IMPORT, (_, start, path) => `${start}"${path}.js"`),
  );
  for (const [, , path] of text.matchAll(RELATIVE_IMPORT)) {
    const target = join(dirname(file), `${path}.js`);
    if (!existsSync(target)) throw new Error(`${file} imports ${path}, and there is no ${target}`);
  }
}
copyFileSync(new URL("../../LICENSE", import.meta.url), "LICENSE");
