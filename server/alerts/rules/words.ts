import type { MetricCondition, Rule } from "../definitions/schemas.ts";

const MAX_DECIMALS = 2;

/** What an alert of a rule says: which series, how it stands and what would be right. */
export function sentenceOf(
  { name }: Pick<Rule, "name">,
  condition: MetricCondition,
  key: string,
  value: number | undefined,
): string {
  const now = value === undefined ? "has no value" : `is ${rounded(value)}`;
  return `${name}: ${key} ${now} (${limitOf(condition)}).`;
}

function limitOf(condition: MetricCondition): string {
  switch (condition.kind) {
    case "threshold":
      return `${condition.direction} ${rounded(condition.value)}${lasting(condition.forSeconds)}`;
    case "absence":
      return `silent${lasting(condition.forSeconds)}`;
    case "rate":
      return `a ${condition.direction} by ${rounded(condition.change)} within ${duration(condition.windowSeconds)}`;
    case "anomaly":
      return `unusual against the last ${duration(condition.windowSeconds)}`;
  }
}

const lasting = (seconds: number): string => (seconds === 0 ? "" : ` for ${duration(seconds)}`);
const duration = (seconds: number): string => (seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`);
const rounded = (value: number): string => String(Number(value.toFixed(MAX_DECIMALS)));
