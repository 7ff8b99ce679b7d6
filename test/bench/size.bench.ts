import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { BINARY } from "../support/binary.ts";
import type { Benchmark } from "./model.ts";

const WEB = join(import.meta.dirname, "../../dist/web");
const GOAL_BINARY_MB = 150;
const GOAL_FIRST_LOAD_KB = 150;
const BYTES_PER_KB = 1_000;
const BYTES_PER_MB = 1_000_000;

const benchmark: Benchmark = {
  name: "Sizes",
  async run() {
    const scripts = await firstLoadScripts();
    const gzipBytes = scripts.reduce((sum, script) => sum + gzipSync(script, { level: 9 }).length, 0);
    return [
      {
        name: "binary",
        value: Bun.file(BINARY).size / BYTES_PER_MB,
        unit: "MB",
        goal: { atMost: GOAL_BINARY_MB },
        note: `Bun itself is ${(Bun.file(process.execPath).size / BYTES_PER_MB).toFixed(1)} MB`,
      },
      {
        name: "first-load script, gzip",
        value: gzipBytes / BYTES_PER_KB,
        unit: "kB",
        goal: { atMost: GOAL_FIRST_LOAD_KB },
        note: `${scripts.length} files: what index.html names, all that is imported from there, and the Overview page`,
      },
    ];
  },
};
export default benchmark;

/** The scripts of index.html, their static imports, and the chunk of the page that opens first with its imports. */
async function firstLoadScripts(): Promise<Uint8Array[]> {
  const html = await Bun.file(join(WEB, "index.html")).text();
  const waiting = [...html.matchAll(/(?:src|href)="\/?([^"]+\.js)"/g)].map((match) => match[1] ?? "");
  const overview = [...new Bun.Glob("assets/*overview*.js").scanSync({ cwd: WEB })];
  waiting.push(...overview);
  const seen = new Map<string, Uint8Array>();
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue;
    const file = Bun.file(join(WEB, path));
    seen.set(path, await file.bytes());
    for (const [, specifier] of (await file.text()).matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) {
      waiting.push(join("assets", specifier ?? ""));
    }
  }
  return [...seen.values()];
}
