import { describe, expect, test } from "bun:test";
import { DEFAULT_RULES } from "../../../../server/alerts/definitions/defaults.ts";
import type { Condition, RuleBody } from "../../../../web/data/alerts-types.ts";
import { readSchema } from "../../../../web/lib/json-schema.ts";
import { checkValue } from "../../../../web/lib/schema-check.ts";
import {
  draftOf,
  judgeRule,
  kindOf,
  NEW_RULE,
  ruleOf,
  rulePointer,
  ruleSchema,
  withKind,
} from "../../../../web/pages/alerts/rule-form.ts";

const series = { name: "queue_length", labels: { queue: "mail" } };
const CONDITIONS: readonly Condition[] = [
  { kind: "threshold", series, direction: "below", value: 3, clearValue: 4, forSeconds: 60 },
  { kind: "threshold", series: { name: "load" }, direction: "above", value: 3, forSeconds: 0 },
  { kind: "absence", series, forSeconds: 300 },
  { kind: "rate", series, direction: "fall", change: 10, windowSeconds: 600 },
  { kind: "anomaly", series, sensitivity: 4, windowSeconds: 3_600, forSeconds: 30 },
  { kind: "event", pattern: "job.failed" },
  {
    kind: "event",
    pattern: "plugin.*",
    filter: { to: "unhealthy", tries: 3, last: true, code: "3", text: '"quoted"' },
    by: ["pluginId"],
    resolvedBy: { pattern: "plugin.health_changed", filter: { from: "unhealthy" } },
  },
];
const bodyOf = (condition: Condition): RuleBody => ({
  ...{ name: "A rule", enabled: true, alertType: "a", severity: "HIGH", dependsOn: [], condition },
});
const problemsOf = (draft: object): Map<string, string> => {
  const kind = kindOf(draft as Record<string, unknown>);
  return new Map([...judgeRule(draft), ...checkValue(readSchema(ruleSchema(kind, [])), draft)]);
};

describe("the form of a rule", () => {
  for (const condition of CONDITIONS)
    test(`${JSON.stringify(condition)} goes through the form unchanged, with nothing wrong`, () => {
      const draft = draftOf(bodyOf(condition));
      expect([...problemsOf(draft)]).toEqual([]);
      expect(ruleOf(draft)).toEqual(bodyOf(condition));
    });

  test("the rules of the house do so too", () => {
    for (const rule of DEFAULT_RULES) expect(ruleOf(draftOf(rule))).toEqual(rule);
  });

  test("a new rule says what is still needed", () => {
    expect([...problemsOf(NEW_RULE).keys()].sort()).toEqual(["/alertType", "/metric", "/name", "/value"]);
  });

  test("a value that ends it on the wrong side is told beside its field, in both directions", () => {
    const draft = { ...draftOf(bodyOf(CONDITIONS[1] as Condition)), clearValue: 4 };
    expect(problemsOf(draft).get("/clearValue")).toBe("must be at or below the limit");
    expect(problemsOf({ ...draft, direction: "below", clearValue: 2 }).get("/clearValue")).toBe(
      "must be at or above the limit",
    );
  });

  test("labels that are none and patterns that are none are told at their place", () => {
    const metric = { ...draftOf(bodyOf(CONDITIONS[0] as Condition)), labels: ["queue=mail", "mail"] };
    expect(problemsOf(metric).get("/labels/1")).toBe("must be written as name=value");
    const event = {
      ...draftOf(bodyOf(CONDITIONS[5] as Condition)),
      pattern: "Job failed",
      resolvedPattern: "a..b",
    };
    expect([...problemsOf(event).keys()].sort()).toEqual(["/pattern", "/resolvedPattern"]);
  });

  test("another kind keeps what means the same and nothing else", () => {
    const rate = withKind(draftOf(bodyOf(CONDITIONS[0] as Condition)), "rate");
    expect(rate).toMatchObject({ kind: "rate", metric: "queue_length", direction: "rise" });
    expect(ruleOf({ ...rate, change: 2 }).condition).toEqual({
      kind: "rate",
      series,
      direction: "rise",
      change: 2,
      windowSeconds: 300,
    });
  });

  test("what the server refuses finds its field", () => {
    expect(rulePointer("/condition/value")).toBe("/value");
    expect(rulePointer("/condition/series/name")).toBe("/metric");
    expect(rulePointer("/condition/resolvedBy/pattern")).toBe("/resolvedPattern");
    expect(rulePointer("/name")).toBe("/name");
  });
});
