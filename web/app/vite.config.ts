import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { VitePWA } from "vite-plugin-pwa";

const SERVICE = process.env.PROGRESS_URL ?? "http://127.0.0.1:8000";

const installable = VitePWA({
  strategies: "injectManifest",
  srcDir: "src/worker",
  filename: "sw.ts",
  injectRegister: false,
  injectManifest: {
    globPatterns: ["**/*.{js,css,html,svg,png}"],
    globIgnores: [
      // Requested by the device that installs the app, never by the app.
      "icon-*.png",
      "apple-touch-icon.png",
      // For teachers, and of no use offline.
      "assets/AnalyticsPages-*",
    ],
  },
  manifest: {
    id: "/",
    name: "Progress",
    short_name: "Progress",
    description: "Course videos that go on where you left them.",
    start_url: "/",
    display: "standalone",
    background_color: "#f6f7fb",
    theme_color: "#2563eb",
    icons: [
      { src: "/icon.svg", sizes: "any", type: "image/svg+xml" },
      { src: "/icon-192.png", sizes: "192x192", type: "image/png" },
      { src: "/icon-512.png", sizes: "512x512", type: "image/png" },
      {
        src: "/icon-maskable-512.png",
        sizes: "512x512",
        type: "image/png",
        purpose: "maskable",
      },
    ],
  },
});

export default defineConfig({
  // The packages are resolved to their sources, by the paths of tsconfig.base.json.
  resolve: { tsconfigPaths: true },
  plugins: [react(), installable],
  build: {
    // The service serves the built app from inside its own package.
    outDir: "../../src/progress_service/static",
    emptyOutDir: true,
  },
  experimental: {
    // Scripts import each other by relative paths, so that a proxy may serve the app under a prefix.
    renderBuiltUrl: (_, { hostType }) => ({ relative: hostType !== "html" }),
  },
  server: {
    proxy: { "/api": SERVICE, "/demo": SERVICE, "/progress": { target: SERVICE, ws: true } },
  },
});
