import type { Alert } from "binnacle";

const NAMES = [
  "id",
  "type",
  "severity",
  "state",
  "title",
  "message",
  "count",
  "route",
  "reason",
  "group",
  "link",
  "createdAt",
] as const;
const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;
const LABEL = "labels.";
const MAX_DEPTH = 20;

/** What is sent: the whole alert, or `body` with the names in its texts filled in; with a problem, the whole alert after all. */
export function bodyOf(body: Record<string, unknown>, alert: Alert): { text: string; problem?: string } {
  if (Object.keys(body).length === 0) return { text: JSON.stringify(alert) };
  try {
    return { text: JSON.stringify(filled(body, alert, 0)) };
  } catch (error) {
    return { text: JSON.stringify(alert), problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Texts are filled in, not the JSON around them: whatever an alert says, the body stays what it was meant to be. */
function filled(value: unknown, alert: Alert, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new Error(`The body is nested deeper than ${MAX_DEPTH} levels.`);
  if (typeof value === "string") {
    return value.replaceAll(PLACEHOLDER, (_, name: string) => textOf(name.trim(), alert));
  }
  if (Array.isArray(value)) return value.map((item) => filled(item, alert, depth + 1));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, filled(inner, alert, depth + 1)]),
  );
}

/** @throws Error for a name that an alert has not */
function textOf(name: string, alert: Alert): string {
  if (name.startsWith(LABEL)) {
    const label = name.slice(LABEL.length);
    return Object.hasOwn(alert.labels ?? {}, label) ? (alert.labels?.[label] ?? "") : "";
  }
  const known = NAMES.find((one) => one === name);
  if (known === undefined) throw new Error(`{{${name}}} is unknown; use ${NAMES.join(", ")} or labels.NAME.`);
  return String(alert[known] ?? "");
}
