import { describe, expect, test } from "bun:test";
import { MAX_BROKER_REQUESTS } from "../../../../schema/plugin/rpc.ts";
import { encodeFrame } from "../../../../server/plugins/channel/frames.ts";
import { settled } from "../channel/ends.ts";
import { never, OPTIONS, startFake } from "./fake-jail.ts";

const failureOf = (work: Promise<unknown>) => work.catch((thrown: unknown) => thrown);

describe("a call", () => {
  test("hands over verb, input, correlation id and caller, and gives the answer back", async () => {
    const { started } = startFake({ invoke: (params) => params });
    const answer = await (await started).invoke("execute", { n: 1 }, OPTIONS);
    expect(answer).toEqual({ verb: "execute", input: { n: 1 }, correlationId: "c-1", caller: "test" });
  });

  test("that the plugin fails is the plugin's failure, whatever code and text it gives", async () => {
    const { started } = startFake({
      invoke: () => {
        throw new Error("\u001b[2Jred\nline");
      },
    });
    expect(await failureOf((await started).invoke("execute", null, OPTIONS))).toMatchObject({
      code: "plugin_execution_failed",
      message: "The plugin hello failed: [2Jred line",
      cause: "at its place",
    });
  });

  test("whose answer is too large fails, the process goes on", async () => {
    const { started, jail } = startFake({ invoke: () => "x".repeat(2_000) });
    expect(await failureOf((await started).invoke("execute", null, OPTIONS))).toMatchObject({
      code: "plugin_execution_failed",
    });
    expect(jail.kills).toBe(0);
  });

  test("that hands over an event takes little of an answer, whatever the plugin's limit is", async () => {
    const { started, jail } = startFake({ event: () => "x".repeat(70_000) }, { outputBytes: 1_000_000 });
    const error = await failureOf((await started).deliver({ type: "order.made" }, 1, OPTIONS));
    expect(error).toMatchObject({ code: "plugin_execution_failed" });
    expect(jail.kills).toBe(0);
  });

  test("whose input is too large for the channel is refused before it is sent", async () => {
    const { started } = startFake();
    const input = "x".repeat(5_000_000);
    expect(await failureOf((await started).invoke("execute", input, OPTIONS))).toMatchObject({
      code: "body_too_large",
    });
  });

  test("beyond those that may run at once waits for its turn", async () => {
    const first = Promise.withResolvers<string>();
    const { started, asked, clock } = startFake({ invoke: () => first.promise });
    const running = await started;
    const calls = [1, 2, 3].map(() => running.invoke("execute", null, OPTIONS));
    await clock.advance(1);
    expect(asked.filter((method) => method === "invoke")).toHaveLength(2);
    expect(running.callsUnderWay).toBe(2);
    first.resolve("done");
    expect(await Promise.all(calls)).toEqual(["done", "done", "done"]);
    await settled();
    expect(running.callsUnderWay).toBe(0);
  });
});

describe("a line of the plugin's log", () => {
  test("keeps the correlation id of a call that is under way, and of no other, whatever the plugin says", async () => {
    const first = Promise.withResolvers<string>();
    const { started, plugin, brokered } = startFake({ invoke: () => first.promise });
    const running = await started;
    const log = (correlationId: unknown) =>
      plugin.notify("log", { level: "info", message: "said", correlationId });
    log("c-1");
    await settled();
    const calls = [1, 2].map(() => running.invoke("execute", null, OPTIONS));
    await settled();
    log("c-1");
    log("another request's");
    log({ toString: "c-1" });
    first.resolve("done");
    await Promise.all(calls);
    await settled();
    log("c-1");
    await settled();
    const line = { level: "info", message: "said" };
    expect(brokered.map(([, params]) => params)).toEqual([
      ...[line, { ...line, correlationId: "c-1" }, line, line, line],
    ]);
  });

  test("bears no other call's correlation id when it is sent as a request, either", async () => {
    const { started, plugin, brokered } = startFake({ invoke: never });
    const running = await started;
    const call = failureOf(running.invoke("execute", null, OPTIONS));
    await settled();
    const line = { level: "info", message: "said" };
    for (const correlationId of ["c-1", "another request's"])
      await plugin.request("log", { ...line, correlationId }).answer;
    expect(brokered.map(([, params]) => params)).toEqual([{ ...line, correlationId: "c-1" }, line]);
    running.kill("the test is over");
    await call;
  });
});

describe("the time of a call", () => {
  test("ends it for its caller; a plugin that yields lives on", async () => {
    const { started, clock, jail } = startFake({
      invoke: (_, signal) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped")))),
    });
    const running = await started;
    const call = failureOf(running.invoke("execute", null, { ...OPTIONS, timeoutMs: 100 }));
    await clock.advance(100);
    expect(await call).toMatchObject({ code: "plugin_timeout" });
    await clock.advance(60_000);
    expect(jail.kills).toBe(0);
    expect(running.callsUnderWay).toBe(0);
  });

  test("a plugin that does not yield is ended a moment later; calls beside it fail with the reason", async () => {
    const { started, clock, jail } = startFake({ invoke: never });
    const running = await started;
    const late = failureOf(running.invoke("execute", null, { ...OPTIONS, timeoutMs: 100 }));
    const beside = failureOf(running.invoke("execute", null, OPTIONS));
    await clock.advance(100);
    expect(await late).toMatchObject({ code: "plugin_timeout" });
    expect(running.callsUnderWay).toBe(2);
    await clock.advance(1_999);
    expect(jail.kills).toBe(0);
    await clock.advance(1);
    expect(await beside).toMatchObject({
      code: "plugin_crashed",
      message: expect.stringContaining("did not yield"),
    });
    expect(await running.exited).toMatchObject({
      signal: "SIGKILL",
      killedFor: expect.stringContaining("did not yield"),
      stderrTail: ["last words"],
    });
  });

  test("may be shortened, never lengthened", async () => {
    const { started, clock } = startFake({ invoke: never }, { timeoutMs: 500 });
    const call = failureOf((await started).invoke("execute", null, { ...OPTIONS, timeoutMs: 60_000 }));
    await clock.advance(500);
    expect(await call).toMatchObject({ code: "plugin_timeout" });
  });

  test("also runs while it waits for its turn", async () => {
    const { started, clock } = startFake({ invoke: never }, { concurrency: 1 });
    const running = await started;
    const first = failureOf(running.invoke("execute", null, OPTIONS));
    const second = failureOf(running.invoke("execute", null, { ...OPTIONS, timeoutMs: 50 }));
    await clock.advance(50);
    expect(await second).toMatchObject({ code: "plugin_busy" });
    running.kill("the test is over");
    await first;
  });

  test("a caller that gives up is answered at once; the plugin has the rest of its time to yield", async () => {
    const { started, clock, jail } = startFake({ invoke: never });
    const running = await started;
    const controller = new AbortController();
    const call = failureOf(running.invoke("execute", null, { ...OPTIONS, signal: controller.signal }));
    await clock.advance(1);
    controller.abort();
    expect(await call).toMatchObject({ code: "cancelled" });
    await clock.advance(11_000);
    expect(jail.kills).toBe(0);
    await clock.advance(1_000);
    expect(jail.kills).toBe(1);
  });

  test("a health check that hangs is late, and a plugin that hangs altogether is ended", async () => {
    const { started, clock, jail } = startFake({ health: never });
    const check = failureOf((await started).health(100));
    await clock.advance(100);
    expect(await check).toMatchObject({ code: "plugin_timeout" });
    await clock.advance(2_000);
    expect(jail.kills).toBe(1);
  });
});

describe("the health that a plugin tells", () => {
  test("is taken in form and size only", async () => {
    const { started } = startFake(
      {
        health: () => ({
          status: "degraded",
          message: "x".repeat(10_000),
          extra: 1,
          dependencies: [
            { name: "database", status: "healthy", responseMs: 3 },
            { name: 7, status: "healthy" },
            { name: "cache", status: "splendid" },
            { name: "queue", status: "unhealthy", responseMs: -1 },
          ],
        }),
      },
      { outputBytes: 100_000 },
    );
    const { message, ...report } = await (await started).health(100);
    expect(message).toHaveLength(500);
    expect(report).toEqual({
      status: "degraded",
      dependencies: [
        { name: "database", status: "healthy", responseMs: 3 },
        { name: "queue", status: "unhealthy" },
      ],
    });
  });

  test("without a status is a failure", async () => {
    for (const answer of [null, "fine", { status: "unknown" }, []]) {
      const { started } = startFake({ health: () => answer });
      expect(await failureOf((await started).health(100))).toMatchObject({ code: "plugin_execution_failed" });
    }
  });
});

describe("memory", () => {
  test("above what the host itself took is looked at from outside; too much ends the process", async () => {
    const { started, clock, jail } = startFake();
    const running = await started;
    jail.pssBytes += 49_000_000;
    await clock.advance(10_000);
    expect(jail.kills).toBe(0);
    jail.pssBytes += 2_000_000;
    await clock.advance(10_000);
    expect(await running.exited).toMatchObject({ killedFor: expect.stringContaining("MiB of memory") });
  });

  test("is looked at more often while there are calls, and most often near the limit", async () => {
    const { started, clock, jail } = startFake({ invoke: never }, { timeoutMs: 60_000 });
    const running = await started;
    await clock.advance(15_000);
    const call = failureOf(running.invoke("execute", null, OPTIONS));
    jail.pssBytes += 30_000_000;
    await clock.advance(3_000);
    jail.pssBytes += 30_000_000;
    await clock.advance(1_000);
    expect(await call).toMatchObject({ code: "plugin_crashed", message: expect.stringContaining("memory") });
  });
});

describe("the end of a process", () => {
  test("by draining: calls under way finish, new ones are refused, the plugin shuts down, then it is over", async () => {
    const first = Promise.withResolvers<string>();
    const { started, asked, jail, clock, broker } = startFake({ invoke: () => first.promise });
    const running = await started;
    const call = running.invoke("execute", null, OPTIONS);
    await clock.advance(1);
    const drained = running.drain(5_000);
    expect(await failureOf(running.invoke("execute", null, OPTIONS))).toMatchObject({
      code: "plugin_inactive",
    });
    expect(asked).not.toContain("shutdown");
    first.resolve("in time");
    expect(await call).toBe("in time");
    await settled();
    expect(asked).toContain("shutdown");
    await clock.advance(1_000);
    await drained;
    expect(jail.kills).toBe(1);
    expect(await running.exited).toMatchObject({ killedFor: "it was ended in order" });
    expect(broker.isClosed).toBe(true);
  });

  test("draining waits no longer than its grace", async () => {
    const { started, clock } = startFake({ invoke: never, shutdown: never });
    const running = await started;
    const call = failureOf(running.invoke("execute", null, OPTIONS));
    const drained = running.drain(500);
    await clock.advance(500);
    await clock.advance(1_000);
    await clock.advance(1_000);
    await drained;
    expect(await call).toMatchObject({ code: "plugin_crashed" });
  });

  test("by itself is a crash: nobody ordered it", async () => {
    const { started, jail, clock } = startFake({ invoke: never });
    const running = await started;
    const call = failureOf(running.invoke("execute", null, OPTIONS));
    await clock.advance(1);
    jail.end({ code: undefined, signal: "SIGSEGV" });
    expect(await call).toMatchObject({ code: "plugin_crashed", message: expect.stringContaining("SIGSEGV") });
    expect(await running.exited).toMatchObject({ signal: "SIGSEGV", killedFor: undefined });
  });

  test("by the channel: one that breaks its contract is ended at once, one that closes it a moment later", async () => {
    const forger = startFake();
    const broken = await forger.started;
    forger.jail.pluginSocket.write(new Uint8Array([255, 255, 255, 255]));
    expect(await broken.exited).toMatchObject({ killedFor: expect.stringContaining("bad_length") });

    const closer = startFake();
    const closed = await closer.started;
    closer.plugin.close();
    await settled();
    await closer.clock.advance(1_000);
    expect(await closed.exited).toMatchObject({ killedFor: "it lost its channel" });
  });
});

describe("what a plugin asks", () => {
  test("goes to its broker, with a signal that ends with the process", async () => {
    const { started, plugin, brokered, jail } = startFake();
    const running = await started;
    const waiting = failureOf(plugin.request("secrets.get", { name: "x" }).answer);
    await plugin.request("state.get", { key: "a" }).answer;
    plugin.notify("log", { level: "info", message: "hello" });
    await settled();
    expect(brokered.map(([method]) => method)).toEqual(["secrets.get", "state.get", "log"]);
    jail.end({ code: 0, signal: undefined });
    await running.exited;
    await waiting;
    expect(brokered[0]?.[2].aborted).toBe(true);
  });

  test("is served only so often at once", async () => {
    const { started, jail, brokered } = startFake();
    const running = await started;
    for (let id = 1; id <= MAX_BROKER_REQUESTS + 20; id++) {
      jail.pluginSocket.write(encodeFrame("request", id, '["secrets.get",{"name":"x"}]'));
    }
    expect(await running.exited).toMatchObject({ killedFor: expect.stringContaining("too_many_requests") });
    const methods = brokered.map(([method]) => method);
    expect(methods.filter((method) => method === "secrets.get")).toHaveLength(MAX_BROKER_REQUESTS);
    expect(brokered.at(-1)?.[1]).toEqual({
      level: "warning",
      message: "It broke the contract of its channel: too_many_requests",
    });
  });
});
