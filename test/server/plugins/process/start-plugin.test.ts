import { describe, expect, test } from "bun:test";
import { settled } from "../channel/ends.ts";
import { never, startFake } from "./fake-jail.ts";

describe("starting a plugin's process", () => {
  test("exchanges first words, sends the code, initialises", async () => {
    const { started, asked, jail } = startFake();
    const running = await started;
    expect(asked).toEqual(["hello", "load", "initialize"]);
    expect(running.loaded).toEqual({ verbs: ["execute"] });
    expect(running).toMatchObject({ pid: jail.pid, level: "full", callsUnderWay: 0 });
  });

  test("a host of another version is sent nothing of the plugin", async () => {
    const { started, asked, jail } = startFake({ hello: () => ({ rpcVersion: 99 }) });
    expect(started).rejects.toMatchObject({ code: "plugin_start_failed" });
    await started.catch(() => undefined);
    expect(asked).toEqual(["hello"]);
    expect(jail.kills).toBe(1);
  });

  for (const [step, code, waitMs] of [
    ["hello", "plugin_start_failed", 15_000],
    ["load", "plugin_load_failed", 15_000],
    ["initialize", "plugin_start_failed", 10_000],
  ] as const) {
    test(`${step} that fails ends the process with ${code}, and says why`, async () => {
      const { started, jail, broker } = startFake({
        [step]: () => {
          throw new Error("no database");
        },
      });
      const error = await started.catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code, message: "The plugin hello failed: no database" });
      expect(jail.kills).toBe(1);
      expect(broker.isClosed).toBe(true);
    });

    test(`${step} that takes too long ends the process with ${code}`, async () => {
      const { started, clock, jail } = startFake({ [step]: never });
      const failed = started.catch((thrown: unknown) => thrown);
      await settled();
      await clock.advance(waitMs - 1);
      expect(jail.kills).toBe(0);
      await clock.advance(10);
      expect(await failed).toMatchObject({ code });
      expect(jail.kills).toBe(1);
    });
  }

  test("a start that is given up ends the process, with the reason given", async () => {
    const { started, controller, jail, clock } = startFake({ load: never });
    const failed = started.catch((thrown: unknown) => thrown);
    await clock.advance(1);
    const reason = new Error("not needed any more");
    controller.abort(reason);
    expect(await failed).toBe(reason);
    expect(jail.kills).toBe(1);
  });

  test("what it says it can do is taken only as far as there are such verbs", async () => {
    const { started } = startFake({ load: () => ({ verbs: ["execute", "rm -rf", 7, "constructor"] }) });
    expect((await started).loaded.verbs).toEqual(["execute"]);
    const odd = startFake({ load: () => ({ verbs: "execute" }) });
    expect(odd.started).rejects.toMatchObject({ code: "plugin_load_failed" });
    await odd.started.catch(() => undefined);
  });

  test("a process that ends while it starts is told by how it ended", async () => {
    const { started, jail } = startFake({
      load: () => {
        jail.end({ code: 3, signal: undefined });
        return never();
      },
    });
    expect(await started.catch((thrown: unknown) => thrown)).toMatchObject({
      code: "plugin_load_failed",
      message: "The plugin's process is gone: it ended with code 3.",
      stderrTail: ["last words"],
    });
  });
});
