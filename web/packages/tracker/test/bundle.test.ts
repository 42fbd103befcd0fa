import { gzipSync } from "node:zlib";
import { build } from "vite";
import { expect, test } from "vitest";

const BUDGETS = [
  { name: "tracker", entry: "index.ts", maxGzipBytes: 6_000, contains: "watch-time" },
  // Pages without live states do not load it.
  { name: "tracker/live", entry: "live.ts", maxGzipBytes: 1_600, contains: "heartbeat_seconds" },
];

/** The code of `entry` and its imports, as an app bundles it. */
async function codeOf(entry: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "silent",
    build: {
      write: false,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: `${import.meta.dirname}/../src/${entry}`,
        preserveEntrySignatures: "strict",
      },
    },
  });
  return [result]
    .flat()
    .flatMap((bundle) => ("output" in bundle ? bundle.output : []))
    .map((chunk) => (chunk.type === "chunk" ? chunk.code : ""))
    .join("");
}

const BUILD = { timeout: 120_000 };

test.each(BUDGETS)("bundle of $name stays within its budget", BUILD, async (budget) => {
  const code = await codeOf(budget.entry);

  const gzipBytes = gzipSync(code).length;

  process.stdout.write(`${budget.name}: ${gzipBytes} bytes gzip of ${budget.maxGzipBytes}\n`);
  expect(code).toContain(budget.contains);
  expect(gzipBytes).toBeLessThanOrEqual(budget.maxGzipBytes);
});
