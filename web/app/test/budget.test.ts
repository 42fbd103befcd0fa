import { gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { build } from "vite";
import { expect, test } from "vitest";

const MAX_FIRST_LOAD_BYTES = 180_000;
const BUILD_TIMEOUT_MS = 120_000; // A build on a crowded machine.

/** The app as it is built, file by file, without writing any. */
async function builtFiles() {
  const result = await build({
    root: `${import.meta.dirname}/..`,
    configFile: false,
    logLevel: "silent",
    mode: "production",
    define: { "process.env.NODE_ENV": '"production"' },
    plugins: [react()],
    build: { write: false },
  });
  return [result].flat().flatMap((bundle) => ("output" in bundle ? bundle.output : []));
}

test(
  "the first load stays within its budget, and comes without the player skin",
  async () => {
    const files = await builtFiles();
    const entry = files.find((file) => file.type === "chunk" && file.isEntry);
    if (entry?.type !== "chunk") throw new Error("the app has no entry");
    const styles = files.filter(({ fileName }) => entry.viteMetadata?.importedCss.has(fileName));
    const contents = [entry.code, ...styles.map((file) => ("source" in file ? file.source : ""))];

    const bytes = contents.reduce((sum, content) => sum + gzipSync(content).length, 0);

    process.stdout.write(`first load: ${bytes} bytes gzip of ${MAX_FIRST_LOAD_BYTES}\n`);
    expect(entry.imports).toEqual([]);
    expect(entry.dynamicImports.join()).toContain("SkinnedScreen");
    expect(bytes).toBeLessThanOrEqual(MAX_FIRST_LOAD_BYTES);
  },
  BUILD_TIMEOUT_MS,
);
