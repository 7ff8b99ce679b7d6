import { describe, expect, test } from "bun:test";
import type { Condition } from "../../../../web/data/alerts-types.ts";
import type { Unit } from "../../../../web/data/types.ts";
import { conditionText } from "../../../../web/pages/alerts/rule-words.ts";

const above = (value: number): Condition => ({
  ...{ kind: "threshold", series: { name: "x" }, direction: "above", value, forSeconds: 0 },
});

describe("when a rule fires", () => {
  test.each([
    [97.5, "percent", "x above 97.5\u00a0%"],
    [2 * 1_024 ** 3, "bytes", "x above 2.0\u00a0GiB"],
    [300, "seconds", "x above 5\u00a0min"],
    [1_000, "count", "x above 1000"],
    [90, undefined, "x above 90"],
  ] as [number, Unit | undefined, string][])("%d in %s is said as %s", (value, unit, text) =>
    expect(conditionText(above(value), () => unit)).toBe(text),
  );

  test("a change has the unit of its metric", () => {
    const fall: Condition = {
      ...{ kind: "rate", series: { name: "x" }, direction: "fall", change: 5, windowSeconds: 60 },
    };
    const unitOf = (name: string) => (name === "x" ? "percent" : undefined);
    expect(conditionText(fall, unitOf)).toBe("x falls by 5\u00a0% within 1\u00a0min");
  });
});
