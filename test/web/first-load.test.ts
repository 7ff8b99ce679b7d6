import { beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Rollup } from "vite";

const WEB = join(import.meta.dirname, "../../web");
/** Of script, compressed: what somebody on a telephone waits for before anything is seen. */
const MAX_SHELL_BYTES = 75_000;
const MAX_OVERVIEW_BYTES = 150_000;

/** A chunk and all that it cannot do without. */
function graphOf(first: Rollup.OutputChunk, chunks: ReadonlyMap<string, Rollup.OutputChunk>) {
  const graph = new Set([first]);
  for (const chunk of graph)
    for (const name of chunk.imports) {
      const imported = chunks.get(name);
      if (imported !== undefined) graph.add(imported);
    }
  return graph;
}

const sizeOf = (graph: ReadonlySet<Rollup.OutputChunk>): number =>
  [...graph].reduce((sum, { code }) => sum + gzipSync(code).length, 0);

describe("the first load of the dashboard", () => {
  let chunks: Map<string, Rollup.OutputChunk>;
  let shell: Set<Rollup.OutputChunk>;
  beforeAll(async () => {
    const before = process.env.NODE_ENV ?? "test";
    // Otherwise libraries come in the larger form that they have for developers.
    process.env.NODE_ENV = "production";
    const configFile = join(WEB, "vite.config.ts");
    const built = await build({ configFile, logLevel: "silent", build: { write: false } }).finally(() => {
      process.env.NODE_ENV = before;
    });
    const outputs = "close" in built ? [] : [built].flat();
    const all = outputs.flatMap(({ output }) => output.filter((one) => one.type === "chunk"));
    chunks = new Map(all.map((chunk) => [chunk.fileName, chunk]));
    const entry = all.find(({ isEntry }) => isEntry);
    shell = entry === undefined ? new Set() : graphOf(entry, chunks);
  });

  test("brings no page with the shell", () => {
    const modules = [...shell].flatMap(({ moduleIds }) => moduleIds);
    expect(modules).toContain(join(WEB, "shell/bn-app.ts"));
    expect(modules.filter((id) => id.startsWith(join(WEB, "pages")))).toEqual([]);
    expect(sizeOf(shell)).toBeLessThan(MAX_SHELL_BYTES);
  });

  test("is small with the overview, too", () => {
    const overview = [...chunks.values()].find(({ facadeModuleId }) =>
      facadeModuleId?.endsWith("/bn-overview-page.ts"),
    );
    expect(overview).toBeDefined();
    if (overview === undefined) return;
    const whole = graphOf(overview, chunks).union(shell);
    expect(sizeOf(whole)).toBeGreaterThan(sizeOf(shell));
    expect(sizeOf(whole)).toBeLessThan(MAX_OVERVIEW_BYTES);
    console.log(`first load: shell ${sizeOf(shell)} B, with the overview ${sizeOf(whole)} B of script, gzip`);
  });
});
