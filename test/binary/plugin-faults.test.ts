import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { FAULTS, type FaultName, NEIGHBOUR } from "../support/plugin-faults.ts";
import { PluginServer } from "../support/plugin-server.ts";
import { childrenOf, threadsOf } from "../support/processes.ts";

const CALL_MS = 20_000;
/** Of a call that is known not to come back. */
const LOST_CALL_MS = 500;
/** Crashes with the longest waits between them, health checks that are due, and room for a machine that is busy. */
const TIMEOUT_MS = 60_000;
/** What a gigabyte in a plugin, or megabytes on their way from it, may leave in the server. */
const MAX_GROWTH_MIB = 128;
/** Lines of a plugin's log that are kept. */
const MAX_KEPT_LINES = 500;
const FLOOD_MS = 1_000;
/** Denials that are told one by one: twenty a minute, and a minute may begin meanwhile. */
const MAX_TOLD = 40;
const FAILED = ["plugin_execution_failed", "plugin_crashed"];

/** Each plugin fails in a way of its own; the server and a plugin beside it go on. */
let server: PluginServer;
beforeAll(async () => {
  server = await PluginServer.start({ ...FAULTS, neighbour: NEIGHBOUR });
});
afterAll(() => server[Symbol.asyncDispose]());

/** Status and code of a refused call, or status and result. */
async function outcomeOf(
  id: FaultName,
  input: unknown = null,
  timeoutMs = CALL_MS,
): Promise<[number, unknown]> {
  const { status, body } = await server.execute(id, input, timeoutMs);
  return [status, body.code ?? body.result];
}

async function expectTheRestGoesOn(): Promise<void> {
  const { status, body } = await server.execute("neighbour", "are you there?");
  expect([status, body.result]).toEqual([200, { input: "are you there?", heard: expect.any(Number) }]);
  expect((await server.get("/api/health")).status).toBe(200);
}

async function expectCrash(id: FaultName, reason: string): Promise<void> {
  const { payload } = await server.events.until("plugin.crashed", id);
  expect(payload).toMatchObject({ reason: expect.stringContaining(reason), crashes: 1 });
  const said = { level: "error", message: expect.stringContaining(reason), source: "server" };
  expect(await server.logs(id)).toContainEqual(expect.objectContaining(said));
}

describe("a plugin that crashes", () => {
  test(
    "three times, at load, in calls or in a hook, is quarantined: recorded, audited, with its last words",
    async () => {
      const events = ["first", "second", "third"].map((name) => ({ type: `fault.${name}`, payload: null }));
      expect((await server.send("POST", "/api/v3/events", { events })).status).toBe(201);
      expect(await outcomeOf("crash-at-load")).toEqual([422, "plugin_load_failed"]);
      for (let start = 1; start <= 3; start++) {
        if (start > 1) await server.events.until("plugin.started", "crash-in-call", start);
        expect(await outcomeOf("crash-in-call")).toEqual([500, "plugin_crashed"]);
      }
      for (const id of ["crash-at-load", "crash-in-call", "crash-in-hook"] as const) {
        await server.events.until("plugin.quarantined", id);
        await server.events.until("plugin.crashed", id, 3);
        expect(await server.plugin(id)).toMatchObject({ state: "quarantined", status: "ERROR", pid: null });
        expect(await outcomeOf(id, "harmless")).toEqual([503, "plugin_quarantined"]);
        expect(await server.audit("plugin.quarantine", id)).toHaveLength(1);
      }
      for (const [id, words] of [
        ["crash-at-load", "falling at load"],
        ["crash-in-call", "falling in a call"],
      ] as const) {
        expect(await server.plugin(id)).toMatchObject({ stderrTail: expect.arrayContaining([words]) });
        const line = expect.objectContaining({ source: "stderr", message: words });
        expect(await server.logs(id)).toContainEqual(line);
      }
      const { body } = await server.execute("neighbour");
      expect(body.result).toEqual({ input: null, heard: 3 });
      await server.activate("crash-in-call", "release");
      expect(await outcomeOf("crash-in-call", "harmless")).toEqual([200, "fine"]);
    },
    TIMEOUT_MS,
  );

  test("with an error at load is not started again, and says what was thrown", async () => {
    expect(await outcomeOf("throw-at-load")).toEqual([422, "plugin_load_failed"]);
    expect(await outcomeOf("throw-at-load")).toEqual([422, "plugin_load_failed"]);
    expect(await server.plugin("throw-at-load")).toMatchObject({
      state: "unloaded",
      status: "ERROR",
      block: { code: "failed", message: expect.stringContaining("not today") },
    });
    expect(server.events.of("plugin.failed", "throw-at-load")).toHaveLength(1);
  });

  test("in its shutdown has been stopped all the same, and can be started", async () => {
    expect(await outcomeOf("crash-in-shutdown")).toEqual([200, "fine"]);
    expect((await server.activate("crash-in-shutdown", "stop")).status).toBe(200);
    await server.events.until("plugin.stopped", "crash-in-shutdown");
    expect(server.events.of("plugin.crashed", "crash-in-shutdown")).toEqual([]);
    expect((await server.activate("crash-in-shutdown", "start")).body).toMatchObject({ state: "active" });
    await expectTheRestGoesOn();
  });
});

describe("a plugin that does not come back", () => {
  for (const id of ["loop-js", "loop-wasm", "loop-sleep"] as const) {
    test(`${id}: its caller is told in time, its process is ended`, async () => {
      expect(await outcomeOf(id, null, LOST_CALL_MS)).toEqual([503, "plugin_timeout"]);
      await expectTheRestGoesOn();
      await expectCrash(id, "did not yield");
    });
  }

  test(
    "from its health check takes no calls, and is ended after three",
    async () => {
      // It began with the server, long enough ago to have been ended and started anew.
      expect((await server.activate("health-hangs", "stop")).status).toBe(200);
      let told = server.events.of("plugin.health_changed", "health-hangs").length;
      expect((await server.activate("health-hangs", "start")).status).toBe(200);
      let health: unknown;
      do {
        told += 1;
        const event = await server.events.until("plugin.health_changed", "health-hangs", told);
        health = event.payload.to;
      } while (health !== "unhealthy");
      expect(await outcomeOf("health-hangs")).toEqual([503, "plugin_unhealthy"]);
      await expectCrash("health-hangs", "did not answer 3 health checks");
      await expectTheRestGoesOn();
    },
    TIMEOUT_MS,
  );
});

describe("a plugin that takes too much", () => {
  test("of a gigabyte, on the heap, in buffers or through the C library, has at most its limit", async () => {
    const beforeMib = server.rssMib();
    for (const id of ["memory-heap", "memory-buffer"] as const) {
      expect(FAILED).toContain(String((await outcomeOf(id))[1]));
    }
    const [, took] = await outcomeOf("memory-native");
    expect(took === "plugin_crashed" || Number(took) < 400).toBe(true);
    expect(server.rssMib() - beforeMib).toBeLessThan(MAX_GROWTH_MIB);
    await expectTheRestGoesOn();
  });

  test("of processes gets none; of threads, few", async () => {
    expect(await outcomeOf("fork-bomb")).toEqual([200, 0]);
    const [, code] = await outcomeOf("thread-bomb", null, LOST_CALL_MS);
    expect([...FAILED, "plugin_timeout"]).toContain(String(code));
    for (const pid of childrenOf(server.pid)) {
      expect(childrenOf(pid)).toEqual([]);
      expect(threadsOf(pid)).toBeLessThanOrEqual(48);
    }
    await expectTheRestGoesOn();
  });

  test("of the log loses lines, and is told so; the call goes on", async () => {
    const beforeMib = server.rssMib();
    expect(await outcomeOf("log-flood", 10_000)).toEqual([200, "done"]);
    const lines = await server.logs("log-flood");
    expect(lines.length).toBeLessThanOrEqual(MAX_KEPT_LINES);
    expect(lines.filter(({ source }) => source === "plugin").length).toBeGreaterThan(100);
    expect(server.rssMib() - beforeMib).toBeLessThan(MAX_GROWTH_MIB);
    await expectTheRestGoesOn();
  });
});

describe("a plugin that asks without end", () => {
  test("is answered within its share; its refusals are a few lines of the audit log", async () => {
    expect(await outcomeOf("request-flood", FLOOD_MS)).toEqual([200, "done"]);
    await server.events.until("plugin.permission_denied", "request-flood");
    const told = server.events.of("plugin.permission_denied", "request-flood");
    expect(told.length).toBeLessThanOrEqual(MAX_TOLD);
    await expectTheRestGoesOn();
  });
});

describe("what a plugin says", () => {
  test("in ten megabytes is refused on its own side, and ends it where it goes around that", async () => {
    expect(await outcomeOf("huge-answer")).toEqual([500, "plugin_execution_failed"]);
    const tooLarge = expect.stringContaining("more than 327680 bytes");
    expect(await outcomeOf("huge-request")).toEqual([200, [tooLarge, tooLarge]]);
    expect(await outcomeOf("huge-frame")).toEqual([500, "plugin_crashed"]);
    await expectCrash("huge-frame", "bad_length");
    await expectTheRestGoesOn();
  });

  test("without form, or in another's name, ends it", async () => {
    expect(await outcomeOf("garbage")).toEqual([500, "plugin_crashed"]);
    await expectCrash("garbage", "bad_length");
    expect(await outcomeOf("forged-frames")).toEqual([500, "plugin_crashed"]);
    await expectCrash("forged-frames", "unknown_answer");
    await expectTheRestGoesOn();
  });
});

describe("a plugin in the way of requests", () => {
  test("that hangs, throws or answers at length lets them pass", async () => {
    for (let request = 0; request < 20; request++) {
      expect((await server.get("/api/v3/plugins/neighbour")).status).toBe(200);
    }
    const failure = { code: "plugin_timeout" };
    expect((await server.events.until("plugin.call_failed", "middleware-hangs")).payload).toMatchObject(
      failure,
    );
    expect((await server.events.until("plugin.call_failed", "middleware-throws")).payload).toMatchObject({
      code: "plugin_execution_failed",
    });
  });
});
