import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { $ } from "bun";
import { PLUGIN_DECLARATIONS } from "../../../plugins/sdk/declarations.ts";
import { printTypes } from "../../../plugins/sdk/print-types.ts";
import { TempFolder } from "../../support/temp-folder.ts";

/** The compiler is a process of its own, on a machine that may be busy. */
const COMPILER_LIMIT_MS = 60_000;
const ROOT = join(import.meta.dirname, "../../..");
const HELLO = `import { definePlugin } from "binnacle";
export default definePlugin({ execute: () => "hello" });
`;
const EVERY_KIND = `import {
  type Connection, defineAlert, defineBackup, defineMiddleware, defineMonitor, definePlugin, defineQuery, defineTask,
} from "binnacle";

interface Settings { url: string; retries: number }

export const custom = definePlugin({
  async initialize(ctx) { await ctx.state.set("runs", 0); },
  async execute(input: { text: string }, ctx) {
    const answer = await ctx.fetch("https://example.com", { method: "POST", body: input.text, signal: ctx.signal });
    const runs = (await ctx.state.get<number>("runs")) ?? 0;
    ctx.metrics.gauge("length", input.text.length, { unit: "count" });
    ctx.logger.info("done", { runs });
    return { status: answer.status, body: await answer.json(), runs };
  },
  health: () => "healthy",
  onEvent(event, ctx) { ctx.logger.debug(event.type); },
});
export const backup = defineBackup({
  async backup({ sourcePath, backupName }, ctx) {
    const bytes = await ctx.files.read(sourcePath);
    const { exitCode } = await ctx.run("/usr/bin/true", [backupName]);
    return { location: "there", sizeBytes: bytes.length + exitCode };
  },
});
export const alert = defineAlert<Settings>({
  async send({ alert }, ctx) {
    const url = await ctx.config.get("url");
    const { retries } = await ctx.config.get();
    const plain: Connection = await ctx.connect({ host: url, port: 25 });
    const secured = await plain.startTls();
    const writer = secured.writable.getWriter();
    await writer.write(new TextEncoder().encode(alert.message.repeat(retries)));
    await secured.close();
  },
});
export const monitor = defineMonitor({ collect: ({ metrics }) => [{ name: "load", value: metrics.load ?? 0 }] });
export const task = defineTask({ execute: async (input: { n: number }, ctx) => ctx.plugins.execute<string>("other", input.n) });
export const query = defineQuery({
  metadata: { name: "numbers" },
  beforeJwtSign: (_ctx, claims) => ({ ...claims, tenant: 1 }),
  executeQuery: async (_ctx, queryId, params) => [{ queryId, ...params }],
  healthCheck: () => ({ status: "degraded", message: "slow" }),
});
export const middleware = defineMiddleware({
  onRequest(request) { return request.path === "/secret" ? { refuse: { message: "no" } } : undefined; },
});
export const silent = defineMiddleware({ onRequest(request, ctx) { ctx.logger.info(request.path); } });
`;
const WRONG = `import { definePlugin, defineBackup } from "binnacle";
export default definePlugin({ execute: (input: number, ctx) => ctx.secrets.read("x") });
export const nothing = defineBackup({ execute: () => 1 });
`;

/** What the compiler says of a plugin that stands alone in a folder with the printed declarations. */
async function check(source: string): Promise<string> {
  using folder = new TempFolder();
  await Bun.write(folder.file("binnacle.d.ts"), PLUGIN_DECLARATIONS);
  await Bun.write(folder.file("plugin.ts"), source);
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: "ESNext",
    module: "ESNext",
    moduleResolution: "bundler",
    lib: ["ESNext", "DOM", "DOM.AsyncIterable"],
    types: [],
  };
  await Bun.write(folder.file("tsconfig.json"), JSON.stringify({ compilerOptions }));
  return await $`${join(ROOT, "node_modules/.bin/tsc")} -p ${folder.path}`.quiet().nothrow().text();
}

describe("the declarations for an author's editor", () => {
  test("are those of the sources (bun run snapshots)", async () => {
    expect(PLUGIN_DECLARATIONS).toBe(await printTypes());
  });

  test(
    "are enough for hello world and for a plugin of every kind, without anything else installed",
    async () => {
      expect(await check(HELLO)).toBe("");
      expect(await check(EVERY_KIND)).toBe("");
    },
    COMPILER_LIMIT_MS,
  );

  test(
    "find a wrong call and a missing verb",
    async () => {
      const said = await check(WRONG);
      expect(said).toContain("Property 'read' does not exist");
      expect(said).toContain("Property 'backup' is missing");
    },
    COMPILER_LIMIT_MS,
  );
});
