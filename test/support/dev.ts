import { join } from "node:path";
import { createServer } from "vite";

/**
 * `bun run dev`: the server from source, restarted when a file of it changes, behind Vite with hot reload.
 * Open the address that Vite prints; a set-up link leads there, too. Ctrl+C ends both.
 */
const ROOT = join(import.meta.dirname, "../..");
const API_PORT = 8000;
const WEB_PORT = 5173;
const webAddress = `http://127.0.0.1:${WEB_PORT}`;

const vite = await createServer({
  configFile: join(ROOT, "web/vite.config.ts"),
  server: { host: "127.0.0.1", port: WEB_PORT, strictPort: true },
});
await vite.listen();

const server = Bun.spawn(
  [process.execPath, "--watch", "--no-clear-screen", "server/main.ts", "serve", "--port", String(API_PORT)],
  {
    cwd: ROOT,
    env: { ...process.env, BINNACLE_SERVER__PUBLIC_URL: webAddress, BINNACLE_LOG__LEVEL: "debug" },
    stdio: ["ignore", "inherit", "inherit"],
  },
);
vite.printUrls();

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => server.kill("SIGTERM"));
process.exitCode = await server.exited;
await vite.close();
