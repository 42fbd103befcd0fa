import { readdirSync } from "node:fs";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** One page a player, written by the test. */
const input = readdirSync(".").filter((name) => name.endsWith(".html"));

export default defineConfig({ plugins: [react()], build: { rolldownOptions: { input } } });
