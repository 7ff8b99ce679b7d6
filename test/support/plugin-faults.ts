import type { PluginSource } from "./plugin-server.ts";

/** (module (func (export "spin") (loop br 0))) */
const WASM_LOOP =
  "Uint8Array.of(0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,7,8,1,4,115,112,105,110,0,0,10,9,1,7,0,3,64,12,0,11,11)";
const MIB = 1024 * 1024;
const MIDDLEWARE = { type: "middleware", permissions: { middleware: [{ why: "To try what happens" }] } };

/** A plugin whose `execute` does this. */
const executing = (body: string, head = ""): PluginSource => ({
  source: `${head}\nexport default { async execute(input, ctx) { ${body} } };`,
});
const taking = (piece: string): PluginSource =>
  executing(`const held = []; for (let n = 0; n < 64; n++) held.push(${piece}); return held.length;`);

const middleware = (body: string, failure = "open"): PluginSource => ({
  manifest: {
    ...MIDDLEWARE,
    middleware: { failure, timeBudgetMs: 50, paths: ["/api/v3/plugins/neighbour"] },
  },
  source: `export default { async onRequest(request, ctx) { ${body} } };`,
});

const WITH_WRITE = `import { writeSync } from "node:fs";`;

/** Plugins that fail on purpose, each in one way; by id. */
export const FAULTS = {
  "crash-at-load": {
    source: `${WITH_WRITE}\nwriteSync(2, "falling at load\\n"); process.exit(3);\nexport default { execute: () => 1 };`,
  },
  "throw-at-load": {
    source: `throw new Error("not today");\nexport default { execute: () => 1 };`,
  },
  "crash-in-call": executing(
    `if (input === "harmless") return "fine"; writeSync(2, "falling in a call\\n"); process.kill(process.pid, "SIGKILL");`,
    WITH_WRITE,
  ),
  "crash-in-hook": {
    manifest: {
      hooks: [{ event: "fault.*" }],
      permissions: { hooks: [{ event: "fault.*", why: "To fall" }] },
    },
    source: `export default { execute: () => "fine", onEvent() { process.exit(4); } };`,
  },
  "crash-in-shutdown": {
    source: `export default { execute: () => "fine", shutdown() { process.abort(); } };`,
  },
  "loop-js": executing("for (;;);"),
  "loop-wasm": executing(`new WebAssembly.Instance(new WebAssembly.Module(${WASM_LOOP})).exports.spin();`),
  "loop-sleep": executing("Bun.sleepSync(1e9);"),
  "memory-heap": taking("Array.from({ length: 200_000 }, (_, i) => ({ i, text: 'x' + i + n }))"),
  "memory-buffer": taking(`new ArrayBuffer(${16 * MIB}) && new Uint8Array(${16 * MIB}).fill(1)`),
  "memory-native": executing(
    `const libc = dlopen("libc.so.6", { malloc: { args: ["u64"], returns: "ptr" }, memset: { args: ["ptr", "i32", "u64"], returns: "ptr" } }).symbols;
     let taken = 0;
     for (let n = 0; n < 64; n++) {
       const place = libc.malloc(${16 * MIB});
       if (!place) break;
       libc.memset(place, 1, ${16 * MIB});
       taken += 16;
     }
     return taken;`,
    `import { dlopen } from "bun:ffi";`,
  ),
  "fork-bomb": executing(
    `const { fork } = dlopen("libc.so.6", { fork: { args: [], returns: "i32" } }).symbols;
     let begun = 0;
     for (let n = 0; n < 500; n++) {
       const pid = fork();
       if (pid === 0) for (;;) fork();
       if (pid > 0) begun++;
       try { Bun.spawn(["/bin/sleep", "60"]); begun++; } catch {}
     }
     return begun;`,
    `import { dlopen } from "bun:ffi";`,
  ),
  "thread-bomb": executing(
    `const address = URL.createObjectURL(new Blob(["setInterval(() => {}, 1000)"], { type: "application/javascript" }));
     const workers = [];
     for (let n = 0; n < 500; n++) workers.push(new Worker(address));
     await new Promise(() => {});`,
  ),
  "log-flood": executing(
    `const line = "x".repeat(500);
     for (let n = 0; n < input; n++) {
       ctx.logger.info(line, { n });
       console.log(line);
       writeSync(2, "stderr " + line + "\\n");
       if (n % 100 === 0) await new Promise((resolve) => setTimeout(resolve));
     }
     return "done";`,
    WITH_WRITE,
  ),
  /** Everything that the server does for it, as fast as it goes, refusals included. */
  "request-flood": executing(
    `const until = Date.now() + input;
     const asking = async (ask) => {
       for (let n = 0; Date.now() < until; n++) await ask(n).catch(() => undefined);
     };
     const asks = [
       (n) => ctx.state.set("key" + (n % 100), "x".repeat(1000)),
       (n) => ctx.state.get("key" + (n % 100)),
       (n) => ctx.events.publish("plugin.request-flood.told", { n }),
       (n) => ctx.fetch("http://host-" + n + ".example.com/"),
       (n) => ctx.files.readText("/etc/file-" + n),
     ];
     await Promise.all(asks.flatMap((ask) => Array.from({ length: 20 }, () => asking(ask))));
     return "done";`,
  ),
  "huge-answer": executing("return 'x'.repeat(10 * 1024 * 1024);"),
  "huge-request": executing(
    `const refused = [];
     const huge = "x".repeat(10 * 1024 * 1024);
     await ctx.state.set("huge", huge).catch((error) => refused.push(error.code ?? error.message));
     await ctx.events.publish("plugin.huge-request.done", { huge }).catch((error) => refused.push(error.code ?? error.message));
     return refused;`,
  ),
  "huge-frame": executing(
    `const frame = Buffer.alloc(10 * 1024 * 1024);
     frame.writeUInt32LE(frame.length - 4, 0);
     frame[4] = 1;
     writeSync(3, frame);
     await new Promise(() => {});`,
    WITH_WRITE,
  ),
  /** No fault: three megabytes of small objects, which take the server's time to read and to pass on. */
  "large-answers": executing(`return Array.from({ length: 250_000 }, (_, n) => ({ n }));`),
  garbage: executing(
    "writeSync(3, crypto.getRandomValues(new Uint8Array(4096)).fill(255, 0, 4)); await new Promise(() => {});",
    WITH_WRITE,
  ),
  "forged-frames": executing(
    `const frame = Uint8Array.of(6, 0, 0, 0, 2, 99, 0, 0, 0, 49);
     for (let n = 0; n < 100; n++) writeSync(3, frame);
     await new Promise(() => {});`,
    WITH_WRITE,
  ),
  "health-hangs": {
    manifest: { activation: "eager", health: { intervalSeconds: 5, timeoutMs: 500 } },
    source: `export default { execute: () => "fine", health: () => new Promise(() => {}) };`,
  },
  "middleware-hangs": middleware("await new Promise(() => {});"),
  "middleware-throws": middleware("throw new Error('no');"),
  "middleware-floods": middleware(
    `const headers = {};
     for (let n = 0; n < 3_000; n++) headers["x-flood-" + n] = "y".repeat(1000);
     for (let n = 0; n < 100; n++) ctx.logger.info("z".repeat(500));
     return { headers };`,
  ),
} as const satisfies Record<string, PluginSource>;

export type FaultName = keyof typeof FAULTS;

/** What goes on beside them. */
export const NEIGHBOUR: PluginSource = {
  manifest: {
    hooks: [{ event: "fault.*" }],
    permissions: { hooks: [{ event: "fault.*", why: "To hear what the other hears" }] },
  },
  source: `let heard = 0;
export default { execute: (input) => ({ input, heard }), onEvent() { heard++; } };`,
};
