import { join } from "node:path";
import { defineConfig } from "vite";

const DEV_SERVER = process.env.BINNACLE_DEV_SERVER ?? "http://127.0.0.1:8000";

/**
 * Builds the dashboard into dist/web (hashed assets, no inline script or style, so that the strict
 * Content-Security-Policy holds), and in development forwards the API to a running server.
 */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: join(import.meta.dirname, "public"),
  build: {
    outDir: join(import.meta.dirname, "../dist/web"),
    emptyOutDir: true,
    // `light-dark()` and URLPattern are used as they are.
    target: ["chrome123", "firefox142", "safari26"],
    // Fonts stay files: `font-src 'self'` forbids data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    proxy: Object.fromEntries(
      ["/api", "/graphql", "/openapi.json", "/docs", "/redoc"].map((path) => [
        path,
        { target: DEV_SERVER, ws: true, changeOrigin: true },
      ]),
    ),
  },
});
