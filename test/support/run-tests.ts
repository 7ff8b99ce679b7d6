import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { ensureChromium } from "./chromium.ts";
import { TempFolder } from "./temp-folder.ts";

/**
 * `bun run test [--full] [filter…]`: makes sure of a Chromium and of a current binary, then runs every test.
 * `--full` takes the full sizes, which need an hour and some memory.
 */
const ROOT = join(import.meta.dirname, "../..");
const TEST_TIMEOUT_MS = 60_000;
const FULL_TIMEOUT_MS = 30 * 60_000;
/** What mostly waits for a browser or for hostile plugins: it runs beside all the rest. */
const WAITING_FOLDERS = ["e2e", "escape"];

const args = process.argv.slice(2);
const isFull = args.includes("--full");
const filters = args.filter((arg) => arg !== "--full");

const browser = await ensureChromium();
console.log(`Browser: ${browser}`);
const built = await step("build", [process.execPath, "build.ts", "--when-stale"]);
if (built !== 0) process.exit(built);
const codes = await Promise.all(
  lanes().map((paths, index) => step("tests", testCommand(paths), index === 0 ? "at once" : "at its end")),
);
process.exitCode = codes.find((code) => code !== 0) ?? 0;

/** Which tests run beside which: two lanes for two cores. Whoever chooses tests, or measures at full size, has one. */
function lanes(): string[][] {
  if (filters.length > 0) return [filters];
  if (isFull || availableParallelism() < 2) return [["./test/"]];
  const rest = readdirSync(join(ROOT, "test")).filter((name) => !WAITING_FOLDERS.includes(name));
  return [rest, WAITING_FOLDERS].map((names) => names.map((name) => `./test/${name}`));
}

function testCommand(paths: readonly string[]): string[] {
  const timeoutMs = isFull ? FULL_TIMEOUT_MS : TEST_TIMEOUT_MS;
  return [process.execPath, "test", "--timeout", String(timeoutMs), ...paths];
}

/** Runs a command to its end; what it says is shown at once, or at its end so that two at work do not mix. */
async function step(
  name: string,
  command: string[],
  shown: "at once" | "at its end" = "at once",
): Promise<number> {
  const startedAt = performance.now();
  using folder = new TempFolder();
  // A file, for a process that a test left behind would hold a pipe open for ever.
  const said = folder.file("said");
  const output = shown === "at once" ? "inherit" : openSync(said, "a");
  const run = Bun.spawn(command, {
    cwd: ROOT,
    env: { ...process.env, CHROMIUM: browser, ...(isFull ? { BINNACLE_TEST_FULL: "1" } : {}) },
    stdout: output,
    stderr: output,
  });
  const exit = await run.exited;
  if (output !== "inherit") {
    closeSync(output);
    process.stdout.write(readFileSync(said));
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${exit === 0 ? "passed" : "FAILED"}  ${name} (${seconds} s)`);
  return exit;
}
