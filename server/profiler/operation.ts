import type { OperationKind } from "../../schema/rules/operations.ts";
import { DurationSketch } from "./sketch.ts";

/** The source of what Binnacle itself does. */
export const OWN_SOURCE = "binnacle";
/** What operations are counted under once there are too many names of their kind. */
export const OTHER_NAME = "(other)";
export const MAX_NAME_LENGTH = 200;
export const MAX_SOURCE_LENGTH = 100;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

/** What makes two operations the same. */
export interface OperationIdentity {
  readonly kind: OperationKind;
  /** {@link OWN_SOURCE}, or the service that reported it. */
  readonly source: string;
  readonly name: string;
}

/** How one operation went within a stretch of time. */
export interface Tally extends OperationIdentity {
  readonly sketch: DurationSketch;
  errors: number;
}

/** An operation that took longer than it should; times in epoch milliseconds. */
export interface SlowOperation extends OperationIdentity {
  at: number;
  durationMs: number;
  thresholdMs: number;
  hasFailed: boolean;
  correlationId: string | null;
  traceId: string | null;
  principal: string | null;
  attributes: Readonly<Record<string, string>>;
}

/** How an operation went altogether. */
export interface OperationStatistics extends OperationIdentity {
  id: number;
  sketch: DurationSketch;
  errors: number;
  lastSeenAt: number;
}

/** One window of an operation. */
export interface OperationWindow {
  /** Epoch milliseconds. */
  startAt: number;
  errors: number;
  sketch: DurationSketch;
}

export const newTally = (identity: OperationIdentity): Tally => ({
  ...identity,
  sketch: new DurationSketch(),
  errors: 0,
});

/** Unique among operations: no part of it holds a control character. */
export const keyOf = ({ kind, source, name }: OperationIdentity): string => `${kind}\n${source}\n${name}`;

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** A name as it is kept: without control characters, at most `maxLength` long; `(unnamed)` when nothing is left. */
export function cleanName(text: string, maxLength: number = MAX_NAME_LENGTH): string {
  const cut = text.length > maxLength * 2 ? text.slice(0, maxLength * 2) : text;
  const clean = cut.replace(UNPRINTABLE, " ").trim().slice(0, maxLength).toWellFormed();
  return clean === "" ? "(unnamed)" : clean;
}
