import { join } from "node:path";

/**
 * `bun run check`: types, lint and format, architecture. Each is reported as passed or failed; what failed prints its
 * own output. Ends with `N passed, N failed`.
 */
const ROOT = join(import.meta.dirname, "../..");
const BUN = process.execPath;

const CHECKS: readonly { name: string; command: readonly string[] }[] = [
  { name: "types", command: [BUN, "node_modules/typescript/bin/tsc", "--noEmit", "-p", "."] },
  {
    name: "lint and format",
    command: [BUN, "node_modules/@biomejs/biome/bin/biome", "ci", "--colors=off", "."],
  },
  { name: "architecture", command: [BUN, "test", "./test/architecture.test.ts"] },
];

let failed = 0;
for (const { name, command } of CHECKS) {
  const startedAt = performance.now();
  const run = Bun.spawn([...command], { cwd: ROOT, stdout: "pipe", stderr: "pipe" });
  const [code, output, errors] = await Promise.all([
    run.exited,
    new Response(run.stdout).text(),
    new Response(run.stderr).text(),
  ]);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${code === 0 ? "passed" : "FAILED"}  ${name} (${seconds} s)`);
  if (code === 0) continue;
  failed++;
  console.log(output + errors);
}
console.log(`${CHECKS.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
