import { expect, test } from "bun:test";
import { readTraces } from "../../../server/otlp/traces.ts";

const SPANS = 10_000;

test("others run while the spans of a large request are read", async () => {
  const attributes = Array.from({ length: 20 }, (_, n) => ({
    key: `key${n}`,
    value: { stringValue: `value ${n}` },
  }));
  const spans = Array.from({ length: SPANS }, (_, n) => ({
    ...{ traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: (n + 1).toString(16).padStart(16, "0") },
    ...{ name: "work", startTimeUnixNano: "1000000", endTimeUnixNano: "2000000", attributes },
  }));
  let turns = 0;
  let isReading = true;
  const turn = (): void => {
    turns++;
    if (isReading) setImmediate(turn);
  };
  setImmediate(turn);
  const read = await readTraces({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
  isReading = false;
  expect(read.spans.length).toBe(SPANS);
  expect(turns).toBeGreaterThan(1);
});
