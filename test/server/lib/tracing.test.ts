import { describe, expect, test } from "bun:test";
import { Probe } from "../../../server/lib/probe.ts";
import {
  currentPlace,
  RequestTrace,
  readTraceParent,
  traceEnded,
  traceStep,
} from "../../../server/lib/tracing.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";
const MOST_STEPS = 500;

describe("traceparent", () => {
  test("says trace, span, and whether the caller records", () => {
    expect(readTraceParent(`00-${TRACE}-${SPAN}-01`)).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      isSampled: true,
    });
    expect(readTraceParent(`00-${TRACE}-${SPAN}-02`)?.isSampled).toBe(false);
    expect(readTraceParent(`00-${TRACE}-${SPAN}-ff`)?.isSampled).toBe(true);
  });

  test.each([
    null,
    "",
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${"0".repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${"0".repeat(16)}-01`,
    `01-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-1`,
    `00-${TRACE}-${SPAN}-01-more`,
  ])("that is unsound says nothing: %p", (header) => {
    expect(readTraceParent(header)).toBeUndefined();
  });
});

describe("steps", () => {
  test("hang where they were begun, also behind what was awaited", async () => {
    const trace = new RequestTrace();
    await trace.run(async () => {
      await traceStep("outer", async () => {
        await Promise.resolve();
        traceStep("inner", () => 1);
        traceEnded("write state", 5, false);
      });
      traceStep("later", () => 2);
    });
    const ids = new Map(trace.steps.map(({ name, id }) => [name, id]));
    const parents = Object.fromEntries(trace.steps.map(({ name, parentId }) => [name, parentId]));
    expect(parents).toEqual({
      inner: ids.get("outer") ?? "",
      "write state": ids.get("outer") ?? "",
      outer: trace.id,
      later: trace.id,
    });
  });

  test("that throw have failed, at once or later, and the error goes on", async () => {
    const trace = new RequestTrace();
    await trace.run(async () => {
      const fail = () => {
        throw new Error("no");
      };
      expect(() => traceStep("now", fail)).toThrow("no");
      await expect(traceStep("later", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    });
    expect(trace.steps.map(({ name, hasFailed }) => [name, hasFailed])).toEqual([
      ["now", true],
      ["later", true],
    ]);
  });

  test("of a plugin call are told to the profiler too", async () => {
    const probe = new Probe();
    const recorded: string[] = [];
    probe.observer = { record: (kind, name) => void recorded.push(`${kind} ${name}`) };
    const trace = new RequestTrace();
    expect(await trace.run(() => probe.time("plugin", "hello", async () => "hi"))).toBe("hi");
    expect([trace.steps.map(({ name }) => name), recorded]).toEqual([["plugin hello"], ["plugin hello"]]);
  });

  test("beyond what is kept are left out; of a request that has ended there are none", () => {
    const trace = new RequestTrace();
    trace.run(() => {
      for (let n = 0; n < MOST_STEPS + 5; n++) traceStep(`step ${n}`, () => n);
      trace.end();
      expect(currentPlace()).toBeUndefined();
      expect(traceStep("after", () => 7)).toBe(7);
    });
    expect(trace.steps).toHaveLength(MOST_STEPS);
  });

  test("are none where nobody traces", () => {
    expect(currentPlace()).toBeUndefined();
    expect(traceStep("alone", () => 3)).toBe(3);
  });
});
