import type { AlertSource, AlertState } from "../../schema/rules/alert-states.ts";
import type { Severity } from "../../schema/rules/severities.ts";

export type { AlertState, Severity };

/** Something that somebody should know. Times are ISO 8601. */
export interface Alert {
  id: string;
  type: string;
  severity: Severity;
  state: AlertState;
  message: string;
  labels: Readonly<Record<string, string>>;
  source: AlertSource;
  ruleId: string | null;
  occurrences: number;
  raisedAt: string;
  lastSeenAt: string;
  stateChangedAt: string;
  stateChangedBy: string;
  mutedUntil: string | null;
}

/** One line of an alert's course. */
export interface AlertTransition {
  seq: number;
  from: AlertState | null;
  to: AlertState;
  severity: Severity;
  at: string;
  by: string;
  note: string;
}

export interface AlertDetail extends Alert {
  /** Oldest first. */
  timeline: AlertTransition[];
}

/** What the people of a route know of an alert, and what they are still to be told. */
export interface AlertNotice {
  routeId: string;
  route: string | null;
  told: string | null;
  dueAt: string | null;
  heldBy: string | null;
  escalateAt: string | null;
}

/** A message that named an alert. */
export interface AlertMessage {
  deliveryId: string;
  at: string;
  reason: "change" | "escalation";
  route: string | null;
  channelId: string;
  channel: string | null;
  state: "waiting" | "leased" | "delivered" | "dead" | "forgotten";
  attempts: number;
  settledAt: string | null;
  lastError: string | null;
}

export interface AlertNotices {
  notices: AlertNotice[];
  /** The latest first. */
  messages: AlertMessage[];
}

export type StateCounts = Readonly<Record<AlertState, number>>;
export interface AlertSummary {
  open: number;
  states: StateCounts;
  severities: Readonly<Record<Severity, StateCounts>>;
}

/** Which alerts are asked for; what is left out chooses nothing. */
export interface AlertFilter {
  states?: readonly AlertState[] | undefined;
  severity?: Severity | undefined;
  type?: string | undefined;
  text?: string | undefined;
  /** ISO 8601. */
  until?: string | undefined;
  /** ISO 8601: not resolved before. */
  openSince?: string | undefined;
}

interface SeriesChoice {
  name: string;
  labels?: Readonly<Record<string, string>> | undefined;
}

type PayloadFilter = Readonly<Record<string, string | number | boolean>>;

/** When a rule fires. */
export type Condition =
  | {
      kind: "threshold";
      series: SeriesChoice;
      direction: "above" | "below";
      value: number;
      clearValue?: number;
      forSeconds: number;
    }
  | { kind: "absence"; series: SeriesChoice; forSeconds: number }
  | { kind: "rate"; series: SeriesChoice; direction: "rise" | "fall"; change: number; windowSeconds: number }
  | {
      kind: "anomaly";
      series: SeriesChoice;
      sensitivity: number;
      windowSeconds: number;
      forSeconds: number;
    }
  | {
      kind: "event";
      pattern: string;
      filter?: PayloadFilter;
      by?: readonly string[];
      resolvedBy?: { pattern: string; filter?: PayloadFilter };
    };
export type ConditionKind = Condition["kind"];

export interface RuleBody {
  name: string;
  enabled: boolean;
  alertType: string;
  severity: Severity;
  condition: Condition;
  /** Ids of rules. */
  dependsOn: readonly string[];
}

export interface ChannelBody {
  name: string;
  enabled: boolean;
  /** Id of a plugin of type alert. */
  plugin: string;
  titleTemplate?: string;
  lineTemplate?: string;
}

export interface Match {
  severities?: readonly Severity[];
  types?: readonly string[];
  labels?: Readonly<Record<string, string>>;
}

export interface RouteBody {
  name: string;
  enabled: boolean;
  match: Match;
  /** Takes only what no other route takes. */
  onlyUnrouted?: boolean;
  channels: readonly string[];
  groupBy: readonly string[];
  groupWaitSeconds: number;
  groupIntervalSeconds: number;
  tellResolved: boolean;
  quietHours?: { from: string; to: string; timeZone: string; exceptSeverity?: Severity };
  escalation: readonly { afterMinutes: number; channels: readonly string[] }[];
}

export const WEEKDAYS = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Hours by the clock on the wall of a zone; `days` are those on which they begin, every day without. */
export interface Recurrence {
  days?: readonly Weekday[];
  from: string;
  to: string;
  timeZone: string;
}

export interface WindowBody {
  name: string;
  startsAt: string;
  endsAt: string;
  /** Open only at these hours of its span. */
  recurrence?: Recurrence;
  match: Match;
}

/** What people set up of alerts. */
export interface DefinitionBodies {
  rule: RuleBody;
  channel: ChannelBody;
  route: RouteBody;
  window: WindowBody;
}
export type DefinitionKind = keyof DefinitionBodies;
export type Defined<Kind extends DefinitionKind> = DefinitionBodies[Kind] & {
  id: string;
  createdAt: string;
  updatedAt: string;
  updatedBy: string;
};

export interface RuleStanding {
  ruleId: string;
  /** Its alerts that are not resolved. */
  open: number;
  lastFiredAt: string | null;
  /** Series that it looks at; null when it is switched off, or over events. */
  followed: number | null;
  /** Series that it does not look at, since it follows as many as it may. */
  leftOut: number;
}

/** What a rule would have done in a span of time. */
export interface RulePreview {
  from: string;
  to: string;
  fired: number;
  intervals: { what: string; from: string; to: string | null }[];
  looked: number;
  isCut: boolean;
}

/** A message that could not be delivered. */
export interface DeadLetter {
  id: string;
  /** Id of the channel. */
  target: string;
  attempts: number;
  createdAt: string;
  settledAt: string | null;
  lastError: string | null;
}
