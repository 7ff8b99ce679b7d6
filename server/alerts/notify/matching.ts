import type { Alert } from "../alert.ts";
import type { Match } from "../definitions/schemas.ts";

/** Whether an alert is one of those that a route or window speaks of; what is left out matches everything. */
export function matches({ severities, types, labels }: Match, alert: Alert): boolean {
  if (severities && severities.length > 0 && !severities.includes(alert.severity)) return false;
  if (types && types.length > 0 && !types.includes(alert.type)) return false;
  return hasLabels(alert.labels, labels);
}

/** Whether `labels` has at least those of `wanted`. */
export const hasLabels = (
  labels: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>> = {},
): boolean => Object.entries(wanted).every(([name, value]) => labels[name] === value);

/** Alerts of one key are told of together. */
export const groupKeyOf = (groupBy: readonly string[], { type, severity, labels }: Alert): string =>
  JSON.stringify(
    groupBy.map((name) => (name === "type" ? type : name === "severity" ? severity : (labels[name] ?? ""))),
  );
