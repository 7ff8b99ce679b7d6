import { afterAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import type { BrokerSession } from "../../../../server/plugins/broker/broker.ts";
import type { ProcessExit, RunningPlugin } from "../../../../server/plugins/process/plugin-process.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { CALL, startPlugin, TestBroker } from "../../../support/plugin-process.ts";

const MIB = 1024 * 1024;
const running: RunningPlugin[] = [];
afterAll(async () => {
  for (const plugin of running) plugin.kill("the tests are over");
  await Promise.all(running.map(({ exited }) => exited));
});

async function start(...args: Parameters<typeof startPlugin>): Promise<RunningPlugin> {
  const plugin = await startPlugin(...args);
  running.push(plugin);
  return plugin;
}

const failureOf = (work: Promise<unknown>) => work.catch((thrown: unknown) => thrown);
const executing = (body: string) => `export default { async execute(input, ctx) { ${body} } };`;

/** A broker that hears of the first word of a plugin: from then on its code runs. */
function listening(): { broker: BrokerSession; spoke: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { broker: { serve: async () => resolve(), close: async () => undefined }, spoke: promise };
}

/** (module (func (export "spin") (loop br 0))) */
const WASM_LOOP =
  "Uint8Array.of(0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,7,8,1,4,115,112,105,110,0,0,10,9,1,7,0,3,64,12,0,11,11)";

describe("a plugin that does not come back", () => {
  for (const [what, body] of [
    ["an endless loop", "for (;;);"],
    ["an endless sleep", "Bun.sleepSync(1e9);"],
    ["a WebAssembly loop", `new WebAssembly.Instance(new WebAssembly.Module(${WASM_LOOP})).exports.spin();`],
    ["a regular expression without end", "/^(a+)+$/.test('a'.repeat(60) + 'b');"],
    ["promises without a pause", "for (;;) await null;"],
  ] as const) {
    test(`${what} is late for its caller, and the process is ended`, async () => {
      const clock = new ManualClock();
      const { broker, spoke } = listening();
      const plugin = await start(executing(`ctx.logger.info("here it goes"); ${body}`), { clock, broker });
      const call = failureOf(plugin.invoke("execute", null, { ...CALL, timeoutMs: 1_000 }));
      await spoke;
      await clock.advance(1_000);
      expect(await call).toMatchObject({ code: "plugin_timeout" });
      await clock.advance(2_000);
      expect(await plugin.exited).toMatchObject({
        signal: "SIGKILL",
        killedFor: expect.stringContaining("did not yield"),
      });
    });
  }

  test("a loop outside of any call is found by the next look at its health", async () => {
    const clock = new ManualClock();
    const { broker, spoke } = listening();
    const body = "setTimeout(() => { console.log('here it goes'); for (;;); }); return 'all is well';";
    const plugin = await start(executing(body), { clock, broker });
    expect(await plugin.invoke("execute", null, CALL)).toBe("all is well");
    await spoke;
    const check = failureOf(plugin.health(1_000));
    await clock.advance(1_000);
    expect(await check).toMatchObject({ code: "plugin_timeout" });
    await clock.advance(2_000);
    expect(await plugin.exited).toMatchObject({ killedFor: expect.stringContaining("did not yield") });
  });

  test("an endless loop at the top of its module is a plugin that cannot be loaded", async () => {
    const clock = new ManualClock();
    const { broker, spoke } = listening();
    const failed = failureOf(start(`console.log("here it goes"); for (;;);`, { clock, broker }));
    await spoke;
    await clock.advance(15_000);
    expect(await failed).toMatchObject({ code: "plugin_load_failed" });
  });
});

describe("a plugin that takes too much", () => {
  test("memory beyond its limit fails it or ends it; the server goes on", async () => {
    const body =
      "const held = []; for (let n = 0; n < 64; n++) held.push(new Uint8Array(16 * 1024 * 1024).fill(1)); return held.length;";
    const plugin = await start(executing(body), { limits: { memoryBytes: 64 * MIB } });
    const failed = await failureOf(plugin.invoke("execute", null, CALL));
    expect(["plugin_execution_failed", "plugin_crashed"]).toContain((failed as { code: string }).code);
  });

  test("an answer of ten megabytes is refused on its own side; the process goes on", async () => {
    const plugin = await start(executing("return input ? 'x'.repeat(input) : 'small';"));
    expect(await failureOf(plugin.invoke("execute", 10 * MIB, CALL))).toMatchObject({
      code: "plugin_execution_failed",
      message: expect.stringContaining("more than 4194304 bytes"),
    });
    expect(await failureOf(plugin.invoke("execute", 2 * MIB, CALL))).toMatchObject({
      code: "plugin_execution_failed",
      message: expect.stringContaining("at most 1048576"),
    });
    expect(await plugin.invoke("execute", 0, CALL)).toBe("small");
  });

  test("a flood of log lines is cut by the way being full; the call comes back", async () => {
    const broker = new TestBroker();
    const body = "for (let n = 0; n < 200_000; n++) ctx.logger.info('x'.repeat(500)); return 'done';";
    const plugin = await start(executing(body), { broker });
    expect(await plugin.invoke("execute", null, CALL)).toBe("done");
    expect(broker.log.length).toBeLessThan(50_000);
  });
});

describe("a plugin that ends or attacks its process", () => {
  const endings: [what: string, body: string, exit: Partial<ProcessExit>][] = [
    ["ends it", "process.exit(7);", { code: 7, killedFor: undefined }],
    ["kills it", "process.kill(process.pid, 'SIGKILL');", { signal: "SIGKILL", killedFor: undefined }],
    ["aborts it", "process.abort();", { killedFor: undefined }],
    [
      "writes garbage into its channel",
      "const { writeSync } = await import('node:fs'); writeSync(3, new Uint8Array(1000).fill(255)); await new Promise(() => {});",
      { killedFor: expect.stringContaining("bad_length") },
    ],
    [
      "forges answers",
      `const { writeSync } = await import('node:fs');
       const frame = Uint8Array.of(6, 0, 0, 0, 2, 99, 0, 0, 0, 49);
       for (let n = 0; n < 20; n++) writeSync(3, frame);
       await new Promise(() => {});`,
      { killedFor: expect.stringContaining("unknown_answer") },
    ],
    [
      "closes its channel",
      "const { closeSync } = await import('node:fs'); closeSync(3); await new Promise(() => {});",
      {},
    ],
  ];
  for (const [what, body, exit] of endings) {
    test(`${what}: its calls fail, and the exit says how`, async () => {
      const broker = new TestBroker();
      const plugin = await start(executing(body), { broker, allowedImports: ["*"] });
      expect(await failureOf(plugin.invoke("execute", null, CALL))).toMatchObject({ code: "plugin_crashed" });
      expect(await plugin.exited).toMatchObject(exit);
      expect(existsSync(`/proc/${plugin.pid}`)).toBe(false);
      expect(broker.isClosed).toBe(true);
    });
  }
});
