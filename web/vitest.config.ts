import { defineConfig } from "vitest/config";
import ClosingLine from "./scripts/closing-line.ts";

export default defineConfig({
  // The packages are resolved to their sources, by the paths of tsconfig.base.json.
  resolve: { tsconfigPaths: true },
  oxc: { jsx: { runtime: "automatic" } },
  test: {
    environment: "happy-dom",
    include: ["packages/*/{src,test}/**/*.test.{ts,tsx}", "app/{src,test}/**/*.test.{ts,tsx}"],
    setupFiles: ["./scripts/test-setup.ts"],
    reporters: ["default", new ClosingLine()],
    restoreMocks: true,
    testTimeout: 30_000,
  },
});
