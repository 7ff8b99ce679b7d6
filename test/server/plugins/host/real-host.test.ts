import { afterAll, describe, expect, test } from "bun:test";
import type { RunningPlugin } from "../../../../server/plugins/process/plugin-process.ts";
import { CALL, startPlugin, TestBroker } from "../../../support/plugin-process.ts";

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

const stream = (text: string) => new Response(text).body ?? new ReadableStream<Uint8Array>();
const failureOf = (work: Promise<unknown>) => work.catch((thrown: unknown) => thrown);

describe("a plugin in its jail", () => {
  test("hello world", async () => {
    const plugin = await start(`import { definePlugin } from "binnacle";
      export default definePlugin({ execute: () => "hello" });`);
    expect(await plugin.invoke("execute", null, CALL)).toBe("hello");
    expect(await plugin.health(5_000)).toEqual({ status: "healthy" });
  });

  test("of several files, TypeScript, JSON, text and WebAssembly among them", async () => {
    const plugin = await start(
      {
        "src/main.ts": `import { defineTask } from "binnacle";
          import settings from "../data/settings.json";
          import words from "./words.txt";
          import answer from "./answer.wasm";
          import { Shape, twice } from "./lib";
          enum Colour { Red = 4 }
          export default defineTask({
            async execute(input: { n: number }) {
              const { exports } = new WebAssembly.Instance(answer);
              const { lazy } = await import("./lazy.ts");
              return [settings.k, words, exports.f(), twice(input.n), Colour.Red, lazy, Shape.name];
            },
          });`,
        "src/lib/index.ts": `export class Shape {} export const twice = (n: number): number => n * 2;`,
        "src/lazy.ts": `export const lazy = "later";`,
        "src/words.txt": "grün",
        // (module (func (export "f") (result i32) i32.const 42))
        "src/answer.wasm": Uint8Array.of(
          ...[
            0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 6, 1,
            4, 0,
          ],
          ...[65, 42, 11],
        ),
        "data/settings.json": `{"k":7}`,
      },
      { main: "src/main.ts" },
    );
    expect(await plugin.invoke("execute", { n: 3 }, CALL)).toEqual([7, "grün", 42, 6, 4, "later", "Shape"]);
  });

  test("fails with the place in its own source", async () => {
    const plugin = await start(
      `export default {\n\n  execute() {\n    throw new TypeError("not like this");\n  },\n};`,
    );
    const error = await failureOf(plugin.invoke("execute", null, CALL));
    expect(error).toMatchObject({
      code: "plugin_execution_failed",
      message: "The plugin tested failed: not like this",
    });
    expect(String((error as Error).cause)).toContain("plugin:main.ts:4:");
  });

  test("that cannot be loaded says why and where", async () => {
    for (const [source, message] of [
      [`import "node:fs"; export default { execute() {} };`, 'main.ts imports "node:fs"'],
      [`export default {`, "main.ts:1:"],
      [`throw new Error("not today");`, "not today"],
      [`export const execute = 1;`, "default export"],
      [`import { nothing } from "binnacle"; export default { execute: nothing };`, "nothing"],
    ] as const) {
      expect(await failureOf(start(source))).toMatchObject({
        code: "plugin_load_failed",
        message: expect.stringContaining(message),
      });
    }
  });

  test("that ends itself as it is loaded is told so", async () => {
    expect(await failureOf(start(`process.exit(3); export default { execute() {} };`))).toMatchObject({
      code: "plugin_load_failed",
      message: expect.stringContaining("process is gone"),
    });
  });

  test("lives its life: initialize, calls, events, configure, health, shutdown", async () => {
    const broker = new TestBroker({ "state.set": () => null });
    const plugin = await start(
      `import { definePlugin } from "binnacle";
      const told: unknown[] = [];
      export default definePlugin({
        async initialize(ctx) { told.push("initialize", ctx.pluginId, ctx.version); },
        execute: (_, ctx) => [...told, ctx.correlationId, ctx.caller],
        onEvent(event) { told.push(event.type, event.attempt); },
        configure(config) { told.push(config); },
        health: () => ({ status: "degraded", message: "so so" }),
        async shutdown(ctx) { await ctx.state.set("told", told.length); },
      });`,
      { broker },
    );
    await plugin.deliver({ type: "alert.raised", payload: {} }, 2, CALL);
    await plugin.configure({ level: 3 });
    expect(await plugin.invoke("execute", null, CALL)).toEqual([
      ...["initialize", "tested", "1.2.3", "alert.raised", 2, { level: 3 }],
      ...["test-call", "test"],
    ]);
    expect(await plugin.health(5_000)).toEqual({ status: "degraded", message: "so so" });
    await plugin.drain(2_000);
    expect(broker.asked).toEqual([["state.set", { key: "told", value: 6 }]]);
    expect(await plugin.exited).toMatchObject({ killedFor: "it was ended in order" });
  });

  test("of the type query is called in its own way", async () => {
    const plugin = await start(
      `import { defineQuery } from "binnacle";
      let base = 0;
      export default defineQuery<{ base: number }>({
        metadata: { name: "numbers" },
        init(config) { base = config.base; },
        beforeJwtSign: (_, claims) => ({ ...claims, tenant: base }),
        executeQuery: (_, queryId, params) => [queryId, params, base],
        healthCheck: () => "healthy",
      });`,
      { config: { base: 5 } },
    );
    expect(plugin.loaded.metadata).toEqual({ name: "numbers" });
    const input = { queryId: "q1", params: { top: 2 } };
    expect(await plugin.invoke("executeQuery", input, CALL)).toEqual(["q1", { top: 2 }, 5]);
    expect(await plugin.invoke("beforeJwtSign", { claims: { sub: "a" } }, CALL)).toEqual({
      sub: "a",
      tenant: 5,
    });
    expect(await plugin.health(5_000)).toEqual({ status: "healthy" });
  });

  test("writes in the course of calls that overlap, each line with the id of its own", async () => {
    const broker = new TestBroker();
    const plugin = await start(
      `import { definePlugin } from "binnacle";
      const gate = Promise.withResolvers();
      export default definePlugin({
        async execute(input, ctx) {
          if (input === "second") gate.resolve();
          await gate.promise;
          ctx.logger.info(\`logger of \${input}\`);
          await Promise.resolve();
          console.log(\`console of \${input}\`);
        },
      });`,
      { broker },
    );
    await Promise.all(
      ["first", "second"].map((name) =>
        plugin.invoke("execute", name, { caller: "test", correlationId: `call-${name}` }),
      ),
    );
    await broker.lines(4);
    expect(broker.log.map(({ message, correlationId }) => `${message}: ${correlationId}`).sort()).toEqual([
      "console of first: call-first",
      "console of second: call-second",
      "logger of first: call-first",
      "logger of second: call-second",
    ]);
  });

  test("writes to its log by logger and console, and what nobody caught stands there too", async () => {
    const broker = new TestBroker();
    const plugin = await start(
      `export default {
        async execute(_, ctx) {
          ctx.logger.info("one", { n: 1n, circle: undefined });
          console.warn("two %d", 2, { three: 3 });
          setTimeout(() => { throw new Error("from a timer"); });
          Promise.reject(new Error("from a promise"));
        },
      };`,
      { broker },
    );
    await plugin.invoke("execute", null, CALL);
    await broker.lines(4);
    const lines = broker.log.map(({ level, message }) => [level, message]);
    expect(lines.slice(0, 2)).toEqual([
      ["info", "one"],
      ["warning", "two 2 { three: 3 }"],
    ]);
    // Which of them is heard first is the runtime's affair.
    expect(lines.slice(2).toSorted()).toEqual([
      ["error", "A promise was rejected unheard: from a promise"],
      ["error", "An error was thrown unheard: from a timer"],
    ]);
    expect(broker.log[0]?.fields).toEqual({ n: "1" });
  });

  test("hears by its signal that a call is over", async () => {
    const broker = new TestBroker();
    const plugin = await start(
      `export default {
        execute: (_, ctx) => new Promise((resolve) => ctx.signal.addEventListener("abort", () => {
          ctx.logger.info("stopped");
          resolve("late");
        })),
      };`,
      { broker },
    );
    const call = failureOf(plugin.invoke("execute", null, { ...CALL, timeoutMs: 50 }));
    expect(await call).toMatchObject({ code: "plugin_timeout" });
    expect(await plugin.health(5_000)).toEqual({ status: "healthy" });
    expect(broker.log.map(({ message }) => message)).toEqual(["stopped"]);
  });
});

describe("what a plugin is given", () => {
  test("state, configuration, secrets, environment, events, other plugins", async () => {
    const state = new Map<string, unknown>();
    const broker = new TestBroker({
      "state.get": ({ key }: { key: string }) => state.get(key) ?? null,
      "state.set": ({ key, value }: { key: string; value: unknown }) => void state.set(key, value),
      "state.delete": ({ key }: { key: string }) => state.delete(key),
      "state.list": () => [...state.keys()],
      "config.get": () => ({ url: "u", n: 1 }),
      "config.set": () => null,
      "secrets.get": () => "s3cret",
      "env.get": () => null,
      "events.publish": () => ({ id: "e-1" }),
      "plugins.execute": ({ input }: { input: unknown }) => ({ echoed: input }),
    });
    const plugin = await start(
      `import { definePlugin } from "binnacle";
      export default definePlugin<unknown, unknown, { url: string; n: number }>({
        async execute(_, ctx) {
          await ctx.state.set("a", { b: [1] });
          await ctx.config.set({ n: 2 });
          return [
            await ctx.state.get("a"), await ctx.state.get("z") === undefined, await ctx.state.list(), await ctx.state.delete("a"),
            await ctx.config.get(), await ctx.config.get("url"), await ctx.secrets.get("x"),
            await ctx.env.get("HOME") === undefined, await ctx.events.publish("plugin.tested.done", { n: 1 }),
            await ctx.plugins.execute("other", [1]),
          ];
        },
      });`,
      { broker },
    );
    expect(await plugin.invoke("execute", null, CALL)).toEqual([
      ...[{ b: [1] }, true, ["a"], true],
      ...[{ url: "u", n: 1 }, "u", "s3cret", true, { id: "e-1" }, { echoed: [1] }],
    ]);
  });

  test("what it was not granted throws an error with its code", async () => {
    const plugin = await start(`export default {
      async execute(_, ctx) {
        try { await ctx.secrets.get("x"); } catch (error) { return [error.code, error.message]; }
      },
    };`);
    expect(await plugin.invoke("execute", null, CALL)).toEqual([
      "permission_denied",
      "secrets.get was not granted.",
    ]);
  });

  test("metrics, sent together", async () => {
    const broker = new TestBroker({ "metrics.record": () => null });
    const plugin = await start(
      `export default { execute(_, ctx) {
        ctx.metrics.gauge("depth", 3, { labels: { queue: "a" } });
        ctx.metrics.counter("jobs", 9, { unit: "count" });
      } };`,
      { broker },
    );
    await plugin.invoke("execute", null, CALL);
    await plugin.drain(2_000);
    expect(broker.asked).toEqual([
      [
        "metrics.record",
        [
          { name: "depth", value: 3, kind: "gauge", labels: { queue: "a" } },
          { name: "jobs", value: 9, kind: "counter", unit: "count" },
        ],
      ],
    ]);
  });

  test("fetch, by its context and by its global name: a real response, its body streamed", async () => {
    const broker = new TestBroker({
      fetch: async (
        params: {
          url: string;
          method: string;
          headers: [string, string][];
          body?: number;
          wholeBody?: string;
        },
        streams,
      ) => {
        const sent =
          params.body === undefined
            ? Buffer.from(params.wholeBody ?? "", "base64").toString()
            : await new Response(streams.accept(params.body)).text();
        const body = JSON.stringify({ method: params.method, sent, headers: params.headers });
        return {
          status: 201,
          statusText: "Created",
          url: `${params.url}?final`,
          headers: [
            ["content-type", "application/json"],
            ["set-cookie", "a=1"],
            ["set-cookie", "b=2"],
          ],
          body: streams.open(stream(body)),
        };
      },
    });
    const plugin = await start(
      `export default { async execute(_, ctx) {
        const answer = await ctx.fetch("https://example.com/x", { method: "POST", body: "hällo", headers: { "X-A": "1" } });
        const plain = await fetch(new URL("https://example.com/y"));
        const streamed = await fetch("https://example.com/z", { method: "POST", body: new Blob(["streamed"]).stream() });
        return [answer.status, answer.ok, answer.statusText, answer.url, answer.headers.getSetCookie(), await answer.json(),
          (await plain.json()).method, (await streamed.json()).sent];
      } };`,
      { broker },
    );
    const [status, ok, text, url, cookies, body, method, streamed] = (await plugin.invoke(
      "execute",
      null,
      CALL,
    )) as unknown[];
    expect([status, ok, text, url, cookies, method, streamed]).toEqual([
      ...[201, true, "Created", "https://example.com/x?final", ["a=1", "b=2"], "GET", "streamed"],
    ]);
    expect(body).toMatchObject({
      method: "POST",
      sent: "hällo",
      headers: expect.arrayContaining([["x-a", "1"]]),
    });
  });

  test("connections, both ways, TLS turned on later; what is left open ends with the call", async () => {
    let reads = 0;
    const ended = Promise.withResolvers<void>();
    const joined = (
      { write }: { write: number },
      streams: {
        accept: (id: number) => ReadableStream<Uint8Array>;
        open: (s: ReadableStream<Uint8Array>) => number;
      },
    ) => {
      const source = streams.accept(write);
      const loud = source.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform: (chunk, controller) =>
            controller.enqueue(new TextEncoder().encode(new TextDecoder().decode(chunk).toUpperCase())),
        }),
      );
      const reader = loud.getReader();
      const echo = new ReadableStream<Uint8Array>({
        async pull(controller) {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel() {
          if (++reads === 1) ended.resolve();
        },
      });
      return { read: streams.open(echo) };
    };
    const broker = new TestBroker({ connect: joined, "connect.startTls": joined });
    const plugin = await start(
      `export default { async execute(_, ctx) {
        const say = async (connection, text) => {
          const writer = connection.writable.getWriter();
          await writer.write(new TextEncoder().encode(text));
          writer.releaseLock();
          const reader = connection.readable.getReader();
          const { value } = await reader.read();
          reader.releaseLock();
          return new TextDecoder().decode(value);
        };
        const plain = await ctx.connect({ host: "mail.example", port: 25 });
        const first = await say(plain, "ehlo");
        const secured = await plain.startTls({ serverName: "mail.example" });
        return [first, await say(secured, "auth")];
      } };`,
      { broker },
    );
    expect(await plugin.invoke("execute", null, CALL)).toEqual(["EHLO", "AUTH"]);
    const asked = broker.asked.map(([method, params]) => ({
      method,
      ...(params as object),
      write: 0,
      read: 0,
    }));
    expect(asked).toMatchObject([
      { method: "connect", host: "mail.example", port: 25, tls: false },
      { method: "connect.startTls", serverName: "mail.example" },
    ]);
    await ended.promise;
  });

  test("files and programs, their contents as streams", async () => {
    const written: string[] = [];
    const broker = new TestBroker({
      "files.read": (_: unknown, streams) => ({ stream: streams.open(stream("content")), sizeBytes: 7 }),
      "files.write": async ({ stream: id }: { stream: number }, streams) => {
        written.push(await new Response(streams.accept(id)).text());
        return { sizeBytes: 3 };
      },
      "files.list": () => [{ name: "a", kind: "file", sizeBytes: 1 }],
      "files.stat": () => null,
      "files.remove": () => true,
      run: async ({ input }: { input: number }, streams) => ({
        exitCode: 0,
        output: await new Response(streams.accept(input)).text(),
        errors: "",
        isCut: false,
      }),
    });
    const plugin = await start(
      `export default { async execute(_, { files, run }) {
        return [
          await files.readText("/a"), (await files.read("/a")).length, await files.write("/b", "new"),
          await files.write("/c", new Response("body").body), await files.list("/"), await files.stat("/x") === undefined,
          await files.remove("/a"), (await run("/bin/cat", ["-n"], { input: "in" })).output,
        ];
      } };`,
      { broker },
    );
    expect(await plugin.invoke("execute", null, CALL)).toEqual([
      ...["content", 7, 3, 3, [{ name: "a", kind: "file", sizeBytes: 1 }], true, true, "in"],
    ]);
    expect(written).toEqual(["new", "body"]);
  });

  test("hundreds of requests at once wait their turn; refused ones leave no stream behind", async () => {
    const broker = new TestBroker({ "state.get": ({ key }: { key: string }) => Number(key) });
    const plugin = await start(
      `export default { async execute(_, ctx) {
        const values = await Promise.all(Array.from({ length: 500 }, (_, n) => ctx.state.get(String(n))));
        let refused = 0;
        for (let n = 0; n < 100; n++) {
          try { await ctx.fetch("https://example.com", { method: "POST", body: "x" }); } catch (error) { refused += error.code === "permission_denied"; }
        }
        return [values.length, values.reduce((sum, value) => sum + value), refused];
      } };`,
      { broker },
    );
    expect(await plugin.invoke("execute", null, CALL)).toEqual([500, 124_750, 100]);
  });
});
