import { describe, expect, test } from "bun:test";
import type { MetricCondition } from "../../../server/alerts/definitions/schemas.ts";
import { sentenceOf } from "../../../server/alerts/rules/words.ts";
import type { SeriesUnit } from "../../../server/metrics/series.ts";

const GIB = 1_024 ** 3;
const above = (value: number): MetricCondition => ({
  ...{ kind: "threshold", series: { name: "x" }, direction: "above", value, forSeconds: 0 },
});
const sayOf = (condition: MetricCondition, value: number | undefined, unit: SeriesUnit | undefined) =>
  sentenceOf({ name: "rule" }, condition, { key: "x", value, unit });

describe("what an alert of a rule says", () => {
  test.each([
    [98.987, 60, "percent", "is 98.99 % (above 60 %)"],
    [90.04, 90, "percent", "is 90.04 % (above 90 %)"],
    [3.1 * GIB, 2 * GIB, "bytes", "is 3.10 GiB (above 2.00 GiB)"],
    [2_048, 1_024, "bytes_per_second", "is 2.00 KiB/s (above 1.00 KiB/s)"],
    [7_500, 300, "seconds", "is 2 h 5 min (above 5 min)"],
    [12.5, 10, "per_second", "is 12.5/s (above 10.0/s)"],
    [7, 5, "count", "is 7 (above 5)"],
    [0.75, 0.5, "ratio", "is 0.75 (above 0.5)"],
    [12.237, 0.001, "count", "is 12.24 (above 0.001)"],
    [0, 0.05, "percent", "is 0 % (above 0.05 %)"],
  ] as const)("%d against %d in %s %s", (value, limit, unit, said) => {
    expect(sayOf(above(limit), value, unit)).toBe(`rule: x ${said}.`);
  });

  test("a change has the unit too; what was never measured has none", () => {
    const rise: MetricCondition = {
      ...{ kind: "rate", series: { name: "x" }, direction: "rise", change: 5, windowSeconds: 300 },
    };
    expect(sayOf(rise, 50, "percent")).toBe("rule: x is 50 % (a rise by 5 % within 5 min).");
    const gone: MetricCondition = { kind: "absence", series: { name: "x" }, forSeconds: 90 };
    expect(sayOf(gone, undefined, undefined)).toBe("rule: x has no value (silent for 90 s).");
  });
});
