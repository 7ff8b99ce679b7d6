import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Trial, tryPlugin } from "../../../../server/cli/plugin/trial.ts";
import { TempFolder } from "../../../support/temp-folder.ts";

const LIMIT_MS = 30_000;
const MAIN = join(import.meta.dirname, "../../../../server/main.ts");
/** Those of this process: other tests, and people, may try plugins at the same time. */
const trialFolders = (): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`binnacle-trial-${process.pid}-`));

/** A plugin of one module in a folder. */
function write(folder: TempFolder, code: string, manifest: object = {}): string {
  const path = folder.file("plugin-under-test");
  mkdirSync(path);
  writeFileSync(
    join(path, "plugin.json"),
    JSON.stringify({ id: "under-test", version: "1.0.0", type: "task", main: "index.ts", ...manifest }),
  );
  writeFileSync(join(path, "index.ts"), code);
  return path;
}

const trialOf = (path: string, given: Partial<Trial> = {}): Trial => ({
  path,
  input: null,
  config: {},
  secrets: {},
  grantsPermissions: true,
  isSandboxRequired: false,
  signal: new AbortController().signal,
  ...given,
});

const EVERYTHING = `import { defineTask } from "binnacle";
export default defineTask({
  async initialize(ctx) { await ctx.state.set("n", 1); console.log("hello from console"); },
  async execute(input, ctx) {
    ctx.logger.warning("working", { input });
    ctx.metrics.gauge("size", 3, { unit: "bytes" });
    await ctx.events.publish("plugin.under_test.done", { n: await ctx.state.get("n") });
    return { secret: await ctx.secrets.get("API_KEY"), level: await ctx.config.get("level"), host: await ctx.env.get("HOST_WORD").catch((e) => e.message) };
  },
  health: () => ({ status: "degraded", message: "so so" }),
});`;

describe("plugin test", () => {
  test(
    "runs a plugin as a server would, and tells all that it did",
    async () => {
      using folder = new TempFolder();
      const path = write(folder, EVERYTHING, {
        permissions: { secrets: [{ name: "API_KEY", why: "signs" }] },
        config: { type: "object", properties: { level: { type: "integer", default: 7 } } },
        queries: [{ id: "sizes" }],
      });
      const report = await tryPlugin(trialOf(path, { input: { a: 1 }, secrets: { API_KEY: "s3cret" } }));
      expect(report.planned).toEqual([
        '"queries" takes effect with a later version of Binnacle; until then nothing is registered',
      ]);
      expect(report.error).toBeNull();
      expect(report.result).toMatchObject({ secret: "s3cret", level: 7 });
      expect(report.health).toEqual({ status: "degraded", message: "so so" });
      expect(report.log.map(({ level, message }) => [level, message])).toEqual([
        ["info", "hello from console"],
        ["warning", "working"],
      ]);
      expect(report.metrics).toEqual([{ key: 'plugin_under_test_size{plugin="under-test"}', value: 3 }]);
      expect(report.events).toEqual([{ type: "plugin.under_test.done", payload: { n: 1 } }]);
      expect(report.denials).toEqual(["env HOST_WORD"]);
      expect(report.startedInMs).toBeLessThan(10_000);
      expect(report.memoryBytes).toBeGreaterThan(1_000_000);
      expect(trialFolders()).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "tells what a plugin asks for when nothing is granted",
    async () => {
      using folder = new TempFolder();
      const code = `import { definePlugin } from "binnacle";
        export default definePlugin({ execute: () => fetch("http://127.0.0.1:9/").then((a) => a.status) });`;
      const path = write(folder, code, {
        permissions: { net: [{ host: "127.0.0.1", port: 9, why: "asks" }] },
      });
      const report = await tryPlugin(trialOf(path, { grantsPermissions: false }));
      expect(report.denials).toEqual(["net 127.0.0.1:9"]);
      expect(report.error?.code).toBe("plugin_execution_failed");
      const granted = await tryPlugin(trialOf(path));
      expect(granted.denials).toEqual([]);
      expect(granted.error?.message).toContain("No connection to port 9");
    },
    LIMIT_MS,
  );

  test.each([
    [
      "throws in a call",
      `export default { execute: () => { throw new Error("no luck") } };`,
      "plugin_execution_failed",
      "no luck",
    ],
    ["throws at load", `throw new Error("bad day"); export default {};`, "plugin_load_failed", "bad day"],
    ["is no module", `export default {`, "plugin_load_failed", ""],
    [
      "throws in initialize",
      `export default { initialize: () => { throw new Error("cannot") }, execute: () => 1 };`,
      "plugin_start_failed",
      "cannot",
    ],
    [
      "never answers",
      `export default { execute: () => new Promise(() => {}) };`,
      "plugin_timeout",
      "longer than 300 ms",
    ],
    [
      "never yields",
      `export default { execute: () => { for (;;) {} } };`,
      "plugin_timeout",
      "longer than 300 ms",
    ],
  ])(
    "a plugin that %s is told of, and leaves no process",
    async (_, code, errorCode, words) => {
      using folder = new TempFolder();
      const report = await tryPlugin(trialOf(write(folder, code), { timeoutMs: 300 }));
      expect(report.error?.code).toBe(errorCode);
      expect(report.error?.message).toContain(words);
    },
    LIMIT_MS,
  );

  test("a manifest that is wrong names each field; so does a configuration", async () => {
    using folder = new TempFolder();
    const path = write(folder, "", {
      version: "one",
      type: "sorcery",
      config: { type: "object", properties: { n: { type: "integer" } } },
    });
    expect(tryPlugin(trialOf(path))).rejects.toThrow('line 1: type is "sorcery", but must be one of backup');
    expect(tryPlugin(trialOf(folder.file("absent")))).rejects.toThrow("There is nothing at");
    writeFileSync(
      join(path, "plugin.json"),
      JSON.stringify({ id: "a", version: "1.0.0", type: "task", main: "index.ts" }),
    );
    expect(tryPlugin(trialOf(path, { config: { n: 1 } }))).rejects.toThrow("has nothing to configure");
  });

  test(
    "the command prints the result and ends with 1 when it failed",
    async () => {
      using folder = new TempFolder();
      const single = folder.file("hello.ts");
      writeFileSync(
        single,
        `import { definePlugin } from "binnacle"; export default definePlugin({ execute: (i) => ({ hello: i }) });`,
      );
      const run = (...args: string[]) =>
        Bun.spawnSync([process.execPath, MAIN, "plugin", "test", single, "--best-effort", ...args]);
      const fine = run("--input", '"world"', "--json");
      expect(JSON.parse(fine.stdout.toString())).toMatchObject({
        id: "hello",
        result: { hello: "world" },
        error: null,
      });
      expect(fine.exitCode).toBe(0);
      expect(run("--input", "{").stderr.toString()).toStartWith("binnacle: --input is not JSON");
      const failed = run("--verb", "absent");
      expect(failed.exitCode).toBe(1);
      expect(failed.stdout.toString()).toContain("FAILED");
      expect(run("--timeout", "soon").exitCode).toBe(2);
    },
    LIMIT_MS,
  );
});
