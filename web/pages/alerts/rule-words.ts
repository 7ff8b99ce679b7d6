import type { Condition } from "../../data/alerts-types.ts";
import type { Unit } from "../../data/types.ts";
import { foreignText, foreignValue } from "../../lib/foreign-text.ts";
import { formatDuration, formatValue } from "../../lib/format.ts";

const MAX_WORD = 80;

/**
 * When a rule fires, in a sentence without its end: `disk_used_percent above 90 % for 5 min`.
 * @param unitOf the unit of the metric of a name, where it is known
 */
export function conditionText(condition: Condition, unitOf: (name: string) => Unit | undefined): string {
  switch (condition.kind) {
    case "threshold":
      return `${seriesText(condition.series)} ${condition.direction} ${limitText(condition.value, unitOf(condition.series.name))}${lasting(condition.forSeconds)}`;
    case "absence":
      return `${seriesText(condition.series)} has no value${lasting(condition.forSeconds)}`;
    case "rate":
      return `${seriesText(condition.series)} ${condition.direction}s by ${limitText(condition.change, unitOf(condition.series.name))} within ${formatDuration(condition.windowSeconds)}`;
    case "anomaly":
      return `${seriesText(condition.series)} is unusual against the last ${formatDuration(condition.windowSeconds)}`;
    case "event":
      return `event ${foreignText(condition.pattern, MAX_WORD)}${filterText(condition.filter)}`;
  }
}

/** Exactly as it was set, where its unit allows. */
function limitText(value: number, unit: Unit | undefined): string {
  if (unit === "percent") return `${value}\u00a0%`;
  return unit === undefined || unit === "count" || unit === "ratio"
    ? String(value)
    : formatValue(value, unit);
}

function seriesText({ name, labels = {} }: Extract<Condition, { series: unknown }>["series"]): string {
  const chosen = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  return foreignText(chosen.length === 0 ? name : `${name} (${chosen.join(", ")})`, MAX_WORD * 2);
}

const filterText = (filter: Readonly<Record<string, unknown>> = {}): string => {
  const parts = Object.entries(filter).map(([name, value]) => `${name}=${foreignValue(value, MAX_WORD)}`);
  return parts.length === 0 ? "" : ` with ${parts.join(", ")}`;
};

const lasting = (seconds: number): string => (seconds === 0 ? "" : ` for ${formatDuration(seconds)}`);

/** How often, in words: `once`, `3 times`. */
export const timesText = (count: number): string => (count === 1 ? "once" : `${count} times`);
