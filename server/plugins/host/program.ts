import { workerAddress } from "../../lib/program-file.ts";

/** How often the host looks whether its server is still there. The kernel ends it with the server; this is for where it does not. */
const PARENT_CHECK_MS = 5_000;

/**
 * `__plugin-host`: what runs inside the jail. Its worker holds the channel and the plugin; this thread answers to nobody, so
 * that nothing a plugin does keeps it from seeing that the server is gone. Ends with its worker.
 */
export async function runPluginHost(): Promise<number> {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, "SIGKILL");
  }, PARENT_CHECK_MS);
  const { promise, resolve } = Promise.withResolvers<number>();
  const worker = new Worker(workerAddress("plugins/host/worker").href);
  worker.addEventListener("error", ({ message }) => {
    process.stderr.write(`${message}\n`);
    resolve(1);
  });
  worker.addEventListener("close", (event) => resolve(codeOf(event)));
  const code = await promise;
  clearInterval(watch);
  worker.terminate();
  return code;
}

/** Bun tells the worker's exit code with the event; its types do not say so. */
const codeOf = (event: Event): number => ("code" in event && typeof event.code === "number" ? event.code : 1);
