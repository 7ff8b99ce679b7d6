import type { AlertVerb } from "../../schema/rules/alert-states.ts";
import { compareSeverities } from "../../schema/rules/severities.ts";
import { foreignText } from "../lib/foreign-text.ts";
import type { Alert, AlertState, Severity } from "./alerts-types.ts";
import type { AttentionItem } from "./attention-rules.ts";

export type AlertLevel = "calm" | "watch" | "alarm" | "info" | "unknown";

export const SEVERITY_WORDS: Readonly<Record<Severity, { level: AlertLevel; word: string }>> = {
  CRITICAL: { level: "alarm", word: "Critical" },
  HIGH: { level: "alarm", word: "High" },
  MEDIUM: { level: "watch", word: "Medium" },
  LOW: { level: "info", word: "Low" },
};

export const STATE_WORDS: Readonly<Record<AlertState, string>> = {
  firing: "Firing",
  acknowledged: "Acknowledged",
  muted: "Muted",
  resolved: "Resolved",
};

export const ALERT_VERB_WORDS: Readonly<Record<AlertVerb, { label: string; done: string }>> = {
  acknowledge: { label: "Acknowledge", done: "acknowledged" },
  mute: { label: "Mute", done: "muted" },
  unmute: { label: "Unmute", done: "no longer muted" },
  resolve: { label: "Resolve", done: "resolved" },
  reopen: { label: "Reopen", done: "firing again" },
};

/** A state as shape and word: what fires looks as bad as it is. */
export function stateOf({ state, severity }: Pick<Alert, "state" | "severity">): {
  level: AlertLevel;
  word: string;
} {
  const word = STATE_WORDS[state];
  if (state === "firing") return { level: SEVERITY_WORDS[severity].level, word };
  return { level: state === "resolved" ? "calm" : state === "muted" ? "unknown" : "info", word };
}

const MESSAGE_IN_TITLE = 160;
const SHOWN_IN_ATTENTION = 5;
/** What the dashboard's own rules look at too, by type of alert: one of both is enough. */
const COVERED: Readonly<Record<string, (labels: Alert["labels"]) => string>> = {
  disk_full: ({ mount = "" }) => `disk ${mount}`,
  memory_pressure: () => "memory",
  error: () => "errors",
};

export const alertHref = (id: string): string => `/alerts/${encodeURIComponent(id)}`;

/** Open first, then what fires before what is looked after, worst first, the latest first. */
export function byWeight(a: Alert, b: Alert): number {
  return (
    Number(a.state === "resolved") - Number(b.state === "resolved") ||
    Number(a.state !== "firing") - Number(b.state !== "firing") ||
    compareSeverities(b.severity, a.severity) ||
    Date.parse(b.raisedAt) - Date.parse(a.raisedAt)
  );
}

/** Alerts that fire and matter, as things that need a person: the worst by name, of the others how many they are. */
export function alertAttention(
  open: readonly Alert[],
  acknowledge: ((alert: Alert) => void) | undefined,
): AttentionItem[] {
  const firing = open
    .filter(({ state, severity }) => state === "firing" && severity !== "LOW")
    .sort(byWeight);
  const shown = firing.slice(0, SHOWN_IN_ATTENTION).map((alert) => itemOf(alert, acknowledge));
  const rest = firing.slice(SHOWN_IN_ATTENTION);
  const [worst] = rest;
  if (worst === undefined) return shown;
  return [
    ...shown,
    {
      id: "alerts",
      severity: attentionSeverity(worst),
      title: rest.length === 1 ? "1 more alert fires" : `${rest.length} more alerts fire`,
      detail: `The worst of them: ${foreignText(worst.message, MESSAGE_IN_TITLE)}`,
      action: { label: "See the alerts", href: "/alerts" },
    },
  ];
}

/** Ids of what the dashboard would judge by itself, and alerts speak of already. */
export const coveredBy = (open: readonly Alert[]): ReadonlySet<string> =>
  new Set(
    open.flatMap(({ type, labels }) => (Object.hasOwn(COVERED, type) ? [COVERED[type]?.(labels) ?? ""] : [])),
  );

const attentionSeverity = ({ severity }: Alert): AttentionItem["severity"] =>
  SEVERITY_WORDS[severity].level === "alarm" ? "alarm" : "watch";

function itemOf(alert: Alert, acknowledge: ((alert: Alert) => void) | undefined): AttentionItem {
  const labels = Object.entries(alert.labels).map(([name, value]) => `${name}=${value}`);
  return {
    id: `alert ${alert.id}`,
    severity: attentionSeverity(alert),
    title: foreignText(alert.message, MESSAGE_IN_TITLE),
    detail: foreignText([`${SEVERITY_WORDS[alert.severity].word} · ${alert.type}`, ...labels].join(" · ")),
    sinceMs: Date.parse(alert.raisedAt),
    action: { label: "See the alert", href: alertHref(alert.id) },
    ...(acknowledge === undefined ? {} : { verb: { label: "Acknowledge", run: () => acknowledge(alert) } }),
  };
}
