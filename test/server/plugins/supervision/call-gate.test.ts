import { describe, expect, test } from "bun:test";
import { AppError } from "../../../../server/errors/app-error.ts";
import { CallGate } from "../../../../server/plugins/supervision/call-gate.ts";
import { until } from "../../../support/until.ts";

const MAX_WAITING = 1_000;
const code = (expected: string) => expect.objectContaining({ code: expected });

/** Calls that end when they are told, and how many of them were inside at once. */
class Calls {
  readonly ends: (() => void)[] = [];
  inside = 0;
  most = 0;

  readonly call = async (): Promise<void> => {
    const end = Promise.withResolvers<void>();
    this.ends.push(end.resolve);
    this.most = Math.max(this.most, ++this.inside);
    await end.promise;
    this.inside--;
  };
}

describe("a gate of calls", () => {
  test("lets in as many as may be, and the next as one ends, also after one that failed", async () => {
    const gate = new CallGate(2);
    const calls = new Calls();
    const failing = gate.run(async () => {
      await calls.call();
      throw new Error("no");
    });
    const others = [gate.run(calls.call), gate.run(calls.call), gate.run(calls.call)];
    expect([calls.inside, gate.underWay, gate.waiting]).toEqual([2, 2, 2]);
    calls.ends[0]?.();
    await expect(failing).rejects.toThrow("no");
    await until(() => calls.ends.length === 3);
    expect([gate.underWay, gate.waiting]).toEqual([2, 1]);
    calls.ends[1]?.();
    await until(() => calls.ends.length === 4);
    for (const end of calls.ends) end();
    await Promise.all(others);
    expect([calls.most, gate.underWay, gate.waiting]).toEqual([2, 0, 0]);
  });

  test("a place that is handed on is taken: who comes meanwhile waits", async () => {
    const gate = new CallGate(1);
    const calls = new Calls();
    const [first, second] = [gate.run(calls.call), gate.run(calls.call)];
    calls.ends[0]?.();
    await first;
    const late = gate.run(calls.call);
    await until(() => calls.ends.length === 2);
    expect(gate.waiting).toBe(1);
    calls.ends[1]?.();
    await second;
    await until(() => calls.ends.length === 3);
    calls.ends[2]?.();
    await late;
    expect(calls.most).toBe(1);
  });

  test("with a higher limit those who wait come in", async () => {
    const gate = new CallGate(1);
    const calls = new Calls();
    const all = [gate.run(calls.call), gate.run(calls.call), gate.run(calls.call)];
    gate.limit = 2;
    expect([gate.underWay, gate.waiting]).toEqual([2, 1]);
    gate.limit = 3;
    await until(() => calls.inside === 3);
    for (const end of calls.ends) end();
    await Promise.all(all);
  });

  test("refuses one too many to wait, those who give up, and all at once", async () => {
    const gate = new CallGate(1);
    const calls = new Calls();
    const first = gate.run(calls.call);
    const patience = new AbortController();
    const impatient = gate.run(calls.call, patience.signal);
    const waiting = Array.from({ length: MAX_WAITING - 1 }, () => gate.run(calls.call));
    await expect(gate.run(calls.call)).rejects.toEqual(code("plugin_busy"));
    patience.abort();
    await expect(impatient).rejects.toEqual(code("cancelled"));
    await expect(gate.run(calls.call, AbortSignal.abort())).rejects.toEqual(code("cancelled"));
    gate.refuseWaiting(new AppError("plugin_crashed"));
    const outcomes = await Promise.allSettled(waiting);
    expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
    expect([calls.inside, gate.waiting]).toEqual([1, 0]);
    calls.ends[0]?.();
    await first;
    expect(gate.underWay).toBe(0);
  });
});
