import type { Alert } from "../../data/alerts-types.ts";

const COLUMNS = [
  "id",
  "type",
  "severity",
  "state",
  "message",
  "labels",
  "source",
  "ruleId",
  "occurrences",
  "raisedAt",
  "lastSeenAt",
  "stateChangedAt",
  "stateChangedBy",
  "mutedUntil",
] as const satisfies readonly (keyof Alert)[];

/** A spreadsheet would take what begins so as a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** Alerts as CSV (RFC 4180), one a line; labels as JSON, times in ISO 8601. */
export function alertsAsCsv(alerts: readonly Alert[]): string {
  const lines = alerts.map((alert) => COLUMNS.map((column) => cellOf(alert[column])).join(","));
  return `${[COLUMNS.join(","), ...lines].join("\r\n")}\r\n`;
}

function cellOf(value: unknown): string {
  if (value === null) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
