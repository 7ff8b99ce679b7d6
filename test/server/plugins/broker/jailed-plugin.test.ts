import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { TLSSocket } from "node:tls";
import type { PluginPermissions } from "../../../../schema/plugin/manifest.ts";
import { systemClock } from "../../../../server/lib/clock.ts";
import { resolveGrants } from "../../../../server/plugins/broker/grants.ts";
import { openBrokerSession } from "../../../../server/plugins/broker/session.ts";
import { launchJail } from "../../../../server/plugins/jail/launch.ts";
import type { RunningPlugin } from "../../../../server/plugins/process/plugin-process.ts";
import { createStartPlugin } from "../../../../server/plugins/process/start-plugin.ts";
import { answer, certificateFor, rawServer, TableResolver } from "../../outbound/local-servers.ts";
import { BrokerHouse } from "./broker-house.ts";

const why = "test";
const SIZE_BYTES = 3_000_000;
/** A process in its jail starts within it, on a machine that is busy too. */
const LIMIT_MS = 60_000;
setDefaultTimeout(LIMIT_MS);

/** A plugin as an author writes it: a verb of `execute` for everything it can ask. */
const SOURCE = `
import { definePlugin } from "binnacle";
const asks = {
  fetch: async ({ url }, ctx) => (await ctx.fetch(url, { method: "POST", body: "x".repeat(${SIZE_BYTES}) })).text(),
  async short({ url }, ctx) {
    const bodies = ["héllo", new TextEncoder().encode("bytes").subarray(1), new URLSearchParams({ a: "b c" })];
    return Promise.all(bodies.map(async (body) => (await ctx.fetch(url, { method: "POST", body })).json()));
  },
  copy: async ({ from, to }, ctx) => ctx.files.write(to, await ctx.files.stream(from)),
  run: ({ command, args, input }, ctx) => ctx.run(command, args, { input }),
  async mail({ port }, ctx) {
    const plain = await ctx.connect({ host: "mail.test", port });
    const line = async (connection) => {
      const reader = connection.readable.getReader();
      const { value } = await reader.read();
      reader.releaseLock();
      return new TextDecoder().decode(value);
    };
    const say = async (connection, text) => {
      const writer = connection.writable.getWriter();
      await writer.write(new TextEncoder().encode(text));
      writer.releaseLock();
    };
    const greeting = await line(plain);
    await say(plain, "STARTTLS\\n");
    const ready = await line(plain);
    const secured = await plain.startTls();
    await say(secured, "EHLO\\n");
    const heard = await line(secured);
    await secured.close();
    return [greeting, ready, heard, plain.tls ?? null, secured.tls.subject];
  },
  async state({ value }, ctx) {
    await ctx.state.set("key", value);
    return [await ctx.state.get("key"), await ctx.state.list()];
  },
};
export default definePlugin({
  async execute({ ask, ...input }, ctx) {
    try {
      return { ok: await asks[ask](input, ctx) };
    } catch (error) {
      return { code: error.code, message: error.message };
    }
  },
});
`;

describe("a plugin in its jail", () => {
  const closers: (() => void | Promise<void>)[] = [];
  let house: BrokerHouse;
  let plugin: RunningPlugin;
  let web: Awaited<ReturnType<typeof rawServer>>;
  let mail: Awaited<ReturnType<typeof rawServer>>;
  const echo = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => Response.json([request.headers.get("content-length"), await request.text()]),
  });
  let receivedBytes = 0;
  const ask = (name: string, input: object = {}) =>
    plugin.invoke("execute", { ask: name, ...input }, { correlationId: "test", caller: "test" });

  beforeAll(async () => {
    const certificate = await certificateFor("mail.test");
    const resolver = new TableResolver({ "mail.test": ["127.0.0.1"] });
    house = await BrokerHouse.open({ resolver, tls: { ca: certificate.cert }, clock: systemClock });
    web = await rawServer((socket) => {
      socket.on("data", (chunk) => {
        receivedBytes += chunk.length;
        if (chunk.toString("latin1").endsWith("0\r\n\r\n")) socket.end(answer("y".repeat(SIZE_BYTES)));
      });
    });
    mail = await rawServer((socket) => {
      socket.write("220 ready\n");
      socket.once("data", () => {
        socket.write("220 go ahead\n");
        const secured = new TLSSocket(socket, { isServer: true, ...certificate });
        secured.on("error", () => secured.destroy());
        secured.on("data", (bytes) => secured.write(`tls:${bytes}`));
      });
    });
    closers.push(web.close, mail.close, () => echo.stop(true));
    writeFileSync(house.folder.file("in.txt"), "z".repeat(SIZE_BYTES));
    const permissions: PluginPermissions = {
      net: [
        { host: "127.0.0.1", port: web.port, why },
        { host: "127.0.0.1", port: echo.port ?? 0, why },
        { host: "mail.test", port: mail.port, private: true, why },
      ],
      read: [{ path: house.folder.file("in.txt"), why }],
      write: [{ path: house.folder.file("out.txt"), why }],
      run: [{ command: "/usr/bin/wc", arguments: ["-c"], why }],
    };
    const start = createStartPlugin({
      clock: systemClock,
      launchJail,
      isSandboxRequired: () => true,
      openBroker: () =>
        openBrokerSession(
          {
            pluginId: "tester",
            grants: resolveGrants(permissions, {}),
            dependencies: [],
            configuration: { read: () => ({}), write: async () => undefined },
            lockedConfigPaths: [],
          },
          house.parts,
        ),
    });
    const files = new Map([["index.ts", new TextEncoder().encode(SOURCE)]]);
    plugin = await start(
      { id: "tester", version: "1.0.0", main: "index.ts", files, config: {}, allowedImports: ["*"] },
      {
        timeoutMs: 20_000,
        memoryBytes: 256 * 1_024 * 1_024,
        concurrency: 5,
        outputBytes: 16 * 1_024 * 1_024,
      },
      new AbortController().signal,
    );
  });
  afterAll(async () => {
    plugin.kill("the test is over");
    await plugin.exited;
    for (const close of closers) await close();
    await house[Symbol.asyncDispose]();
  });

  test("streams both ways through its broker", async () => {
    const { ok } = (await ask("fetch", { url: `http://127.0.0.1:${web.port}/` })) as { ok: string };
    expect(ok.length).toBe(SIZE_BYTES);
    expect(receivedBytes).toBeGreaterThan(SIZE_BYTES);
    const [from, to] = [house.folder.file("in.txt"), house.folder.file("out.txt")];
    expect(await ask("copy", { from, to })).toEqual({ ok: SIZE_BYTES });
    expect(readFileSync(to, "utf8")).toBe("z".repeat(SIZE_BYTES));
  });

  test("sends a short body with its length", async () => {
    expect(await ask("short", { url: echo.url.href })).toEqual({
      ok: [
        ["6", "héllo"],
        ["4", "ytes"],
        ["5", "a=b+c"],
      ],
    });
  });

  test("speaks STARTTLS, runs a program and keeps state", async () => {
    expect(await ask("mail", { port: mail.port })).toEqual({
      ok: ["220 ready\n", "220 go ahead\n", "tls:EHLO\n", null, "CN=mail.test"],
    });
    const input = "x".repeat(500_000);
    const { ok } = (await ask("run", { command: "/usr/bin/wc", args: ["-c"], input })) as {
      ok: { output: string };
    };
    expect(ok.output.trim()).toBe("500000");
    expect(await ask("state", { value: { n: 1 } })).toEqual({ ok: [{ n: 1 }, ["key"]] });
  });

  test("is denied everything else, by name", async () => {
    const secret = house.folder.file("state.db");
    const denied = [
      ask("fetch", { url: "http://127.0.0.1:1/" }),
      ask("fetch", { url: "http://169.254.169.254/" }),
      ask("copy", { from: secret, to: house.folder.file("out.txt") }),
      ask("copy", { from: house.folder.file("in.txt"), to: secret }),
      ask("run", { command: "/usr/bin/id", args: [] }),
      ask("run", { command: "/usr/bin/wc", args: ["-c", secret] }),
    ];
    for (const outcome of await Promise.all(denied))
      expect(outcome).toMatchObject({ code: "permission_denied" });
    const counted = house.decisions.countsOf("tester").reduce((sum, { denied: count }) => sum + count, 0);
    expect(counted).toBe(denied.length);
  });
});
