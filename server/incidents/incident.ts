import type { ErrorCode, ErrorKind } from "../errors/catalogue.ts";

export const INCIDENT_STATES = ["open", "reopened", "resolved", "ignored"] as const;
/** `reopened`: it came back after somebody had resolved it. */
export type IncidentState = (typeof INCIDENT_STATES)[number];
/** What a person may set; `reopened` is for the server to find out. */
export const SETTABLE_STATES = ["open", "resolved", "ignored"] as const;
export type SettableState = (typeof SETTABLE_STATES)[number];

/** Hours that a list shows of each incident. */
export const SHOWN_HOURS = 24;
export const HOUR_MS = 3_600_000;
export const hourOf = (at: number): number => Math.floor(at / HOUR_MS) * HOUR_MS;

/** One time an incident happened. Times are epoch milliseconds. */
export interface Occurrence {
  correlationId: string;
  at: number;
  place: string;
  /** Who was served; absent for work of the server's own. */
  principal?: string;
}

/** A group of failures with one cause. */
export interface Incident {
  id: string;
  code: ErrorCode;
  kind: ErrorKind;
  state: IncidentState;
  count: number;
  firstSeenAt: number;
  lastSeenAt: number;
  message: string;
  place: string;
  frame: string;
  cause: string;
  /** Newest first. */
  occurrences: readonly Occurrence[];
  regressions: number;
  stateChangedAt: number | null;
  stateChangedBy: string | null;
  escalatedAt: number | null;
}

/** An incident of a list, with how often it happened in each of the last 24 hours, oldest first. */
export interface ListedIncident extends Incident {
  hours: readonly number[];
}

/** How a strategy fared with failures of a code. */
export interface RecoveryCount {
  strategy: string;
  code: string;
  attempts: number;
  successes: number;
  lastAttemptAt: number;
}
