import type { AlertSource, AlertState } from "../../schema/rules/alert-states.ts";
import type { Severity } from "../../schema/rules/severities.ts";
import { sha256Hex } from "../lib/ids.ts";

/** Something that somebody should know. Times are epoch milliseconds. */
export interface Alert {
  id: string;
  fingerprint: string;
  type: string;
  severity: Severity;
  state: AlertState;
  message: string;
  labels: Readonly<Record<string, string>>;
  source: AlertSource;
  ruleId: string | null;
  occurrences: number;
  raisedAt: number;
  lastSeenAt: number;
  stateChangedAt: number;
  stateChangedBy: string;
  mutedUntil: number | null;
}

/** What is to be raised. */
export interface NewAlert {
  type: string;
  severity: Severity;
  message: string;
  labels?: Readonly<Record<string, string>>;
  source: AlertSource;
  ruleId?: string;
  /** What makes two raises one alert, within the type; the labels when absent, the message when there are none. */
  dedupeKey?: string;
}

/** One line of the timeline. */
export interface AlertTransition {
  seq: number;
  alertId: string;
  from: AlertState | null;
  to: AlertState;
  severity: Severity;
  at: number;
  by: string;
  note: string;
}

export const MAX_TYPE_LENGTH = 100;
export const MAX_MESSAGE_LENGTH = 2_000;
export const MAX_LABELS = 20;
export const MAX_LABEL_LENGTH = 200;
const FINGERPRINT_LENGTH = 32;

/** The same for every raise of one alert, over restarts. */
export function fingerprintOf({ type, message, labels = {}, ruleId, dedupeKey }: NewAlert): string {
  const sorted = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const own = dedupeKey ?? (sorted.length > 0 || ruleId !== undefined ? sorted : message);
  return sha256Hex(JSON.stringify([type, ruleId ?? null, own])).slice(0, FINGERPRINT_LENGTH);
}

/** Cuts what comes from plugins, events and failures to what an alert may hold. */
export const bounded = (alert: NewAlert): NewAlert => ({
  ...alert,
  type: alert.type.slice(0, MAX_TYPE_LENGTH),
  message: alert.message.slice(0, MAX_MESSAGE_LENGTH),
  labels: Object.fromEntries(
    Object.entries(alert.labels ?? {})
      .slice(0, MAX_LABELS)
      .map(([name, value]) => [name.slice(0, MAX_LABEL_LENGTH), value.slice(0, MAX_LABEL_LENGTH)]),
  ),
});
