import { join } from "node:path";
import { ensureChromium } from "./chromium.ts";

/**
 * `bun run test [--full] [filter…]`: makes sure of a Chromium and of a current binary, then runs every test.
 * `--full` takes the full sizes, which need an hour and some memory.
 */
const ROOT = join(import.meta.dirname, "../..");
/** Tests share what they build (a binary, a browser): one file after another keeps two cores from fighting. */
const TEST_TIMEOUT_MS = 60_000;
const FULL_TIMEOUT_MS = 30 * 60_000;

const args = process.argv.slice(2);
const isFull = args.includes("--full");
const filters = args.filter((arg) => arg !== "--full");

const browser = await ensureChromium();
console.log(`Browser: ${browser}`);
await step("build", [process.execPath, "build.ts", "--when-stale"]);
const code = await step(
  "tests",
  [
    process.execPath,
    "test",
    "--timeout",
    String(isFull ? FULL_TIMEOUT_MS : TEST_TIMEOUT_MS),
    ...(filters.length > 0 ? filters : ["./test/"]),
  ],
  { CHROMIUM: browser, ...(isFull ? { BINNACLE_TEST_FULL: "1" } : {}) },
);
process.exitCode = code;

async function step(
  name: string,
  command: string[],
  environment: Record<string, string> = {},
): Promise<number> {
  const startedAt = performance.now();
  const run = Bun.spawn(command, {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdout: "inherit",
    stderr: "inherit",
  });
  const exit = await run.exited;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${exit === 0 ? "passed" : "FAILED"}  ${name} (${seconds} s)`);
  if (exit !== 0 && name === "build") process.exit(exit);
  return exit;
}
