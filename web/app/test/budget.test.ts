import { brotliCompressSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { build } from "vite";
import { expect, test } from "vitest";
import { analyticsStrings } from "../src/analytics-strings";
import { yourDataStrings } from "../src/your-data-strings";

/** Compressed bytes, without the first responses of the API and the icon. */
const MAX_FIRST_LOAD_BYTES = 115_000;
const MAX_PLAYER_BYTES = 80_000;
const MAX_ANALYTICS_BYTES = 20_000;
const MAX_YOUR_DATA_BYTES = 8_000;
const BUILD_TIMEOUT_MS = 120_000; // For a build on a busy machine.

/** The files of the built app, in memory. */
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

const compressedBytes = (contents: readonly (string | Uint8Array)[]) =>
  contents.reduce((sum, content) => sum + brotliCompressSync(content).length, 0);

test(
  "first load, player and analytics stay within their budgets, in separate files",
  async () => {
    const files = await builtFiles();
    const contentsOf = (isWanted: (name: string) => boolean) =>
      files
        .filter(({ fileName }) => isWanted(fileName))
        .map((file) => (file.type === "chunk" ? file.code : file.source));
    const entry = files.find((file) => file.type === "chunk" && file.isEntry);
    if (entry?.type !== "chunk") throw new Error("the app has no entry");
    const isFirst = (name: string) =>
      name === entry.fileName || entry.viteMetadata?.importedCss.has(name) === true;

    const first = compressedBytes(contentsOf(isFirst));
    const player = compressedBytes(contentsOf((name) => name.includes("SkinnedVideo")));
    const isAnalytics = (name: string) => name.includes("AnalyticsPages");
    const analytics = compressedBytes(contentsOf(isAnalytics));
    const others = contentsOf((name) => !isAnalytics(name)).map(String);
    const isYourData = (name: string) => name.includes("YourDataPages");
    const yourData = compressedBytes(contentsOf(isYourData));
    const firstTexts = contentsOf(isFirst).map(String);

    process.stdout.write(`first load: ${first} bytes of ${MAX_FIRST_LOAD_BYTES}\n`);
    process.stdout.write(`player: ${player} bytes of ${MAX_PLAYER_BYTES}\n`);
    process.stdout.write(`your data: ${yourData} bytes of ${MAX_YOUR_DATA_BYTES}\n`);
    process.stdout.write(`analytics: ${analytics} bytes of ${MAX_ANALYTICS_BYTES}\n`);
    expect(entry.imports).toEqual([]);
    expect(entry.dynamicImports.join()).toContain("SkinnedVideo");
    expect(first).toBeLessThanOrEqual(MAX_FIRST_LOAD_BYTES);
    expect(player).toBeGreaterThan(0);
    expect(player).toBeLessThanOrEqual(MAX_PLAYER_BYTES);
    expect(entry.dynamicImports.join()).toContain("YourDataPages");
    expect(yourData).toBeGreaterThan(0);
    expect(yourData).toBeLessThanOrEqual(MAX_YOUR_DATA_BYTES);
    expect(firstTexts.filter((text) => text.includes(yourDataStrings.held.download))).toEqual([]);
    // Learners download nothing of it: no text, no request.
    expect(entry.dynamicImports.join()).toContain("AnalyticsPages");
    expect(analytics).toBeGreaterThan(0);
    expect(analytics).toBeLessThanOrEqual(MAX_ANALYTICS_BYTES);
    expect(others.filter((text) => text.includes(analyticsStrings.table.show))).toEqual([]);
    expect(others.filter((text) => text.includes("/api/progress/analytics/"))).toEqual([]);
  },
  BUILD_TIMEOUT_MS,
);
