import { formatValue } from "../../lib/quantities.ts";
import type { SeriesUnit } from "../../metrics/series.ts";
import type { MetricCondition, Rule } from "../definitions/schemas.ts";

/** Behind the point; of what is less than one, digits that say something. */
const MAX_DECIMALS = 2;

/** How one series stands. */
interface Standing {
  key: string;
  /** Undefined while it is not measured. */
  value: number | undefined;
  /** Undefined for what was never measured. */
  unit: SeriesUnit | undefined;
}

/** What an alert of a rule says: which series, how it stands and what would be right. */
export function sentenceOf(
  { name }: Pick<Rule, "name">,
  condition: MetricCondition,
  { key, value, unit }: Standing,
): string {
  const now = value === undefined ? "has no value" : `is ${quantity(value, unit)}`;
  return `${name}: ${key} ${now} (${limitOf(condition, unit)}).`;
}

function limitOf(condition: MetricCondition, unit: SeriesUnit | undefined): string {
  switch (condition.kind) {
    case "threshold":
      return `${condition.direction} ${quantity(condition.value, unit)}${lasting(condition.forSeconds)}`;
    case "absence":
      return `silent${lasting(condition.forSeconds)}`;
    case "rate":
      return `a ${condition.direction} by ${quantity(condition.change, unit)} within ${duration(condition.windowSeconds)}`;
    case "anomaly":
      return `unusual against the last ${duration(condition.windowSeconds)}`;
  }
}

const lasting = (seconds: number): string => (seconds === 0 ? "" : ` for ${duration(seconds)}`);
const duration = (seconds: number): string => (seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`);

/** Percentages, counts and ratios as exact as their limits are written; else as they read best. */
function quantity(value: number, unit: SeriesUnit | undefined): string {
  switch (unit) {
    case "percent":
      return `${rounded(value)} %`;
    case "bytes":
    case "bytes_per_second":
    case "seconds":
    case "per_second":
      return formatValue(value, unit);
    default:
      return rounded(value);
  }
}

const rounded = (value: number): string =>
  String(Number(Math.abs(value) < 1 ? value.toPrecision(MAX_DECIMALS) : value.toFixed(MAX_DECIMALS)));
