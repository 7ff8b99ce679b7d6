import type { MetricCondition } from "../definitions/schemas.ts";
import { robustZ } from "./robust-z.ts";

/** A value of one series, or the word that it has none; `at` in epoch milliseconds. */
export interface Observation {
  at: number;
  value: number | undefined;
}

/** What is remembered of one series between two observations. */
export interface SeriesState {
  isFiring: boolean;
  /** Since when the condition has held without a break. */
  since: number | undefined;
  /** When it last had a value. */
  seenAt: number;
  /** Recent values, for conditions that look back. */
  recent: readonly { at: number; value: number }[];
}

/** What an observation brought. */
export interface Verdict {
  state: SeriesState;
  /** What somebody should hear: that it began or that it is over. */
  turned?: "firing" | "resolved";
}

/** A series that fires and is no longer measured is over after this. */
const GONE_MS = 5 * 60_000;
/** Values looked back at; those of a longer window are taken further apart. */
const MAX_RECENT = 360;
/** An anomaly is judged against at least so many values. */
const LEAST_HISTORY = 30;
const MS_PER_SECOND = 1_000;

/** What is known of a series before its first observation. */
export const newSeriesState = (at: number, isFiring = false): SeriesState => ({
  ...{ isFiring, since: undefined, seenAt: at, recent: [] },
});

/** What an observation makes of a series under a condition. Pure: the same for live samples and for history. */
export function evaluate(condition: MetricCondition, state: SeriesState, seen: Observation): Verdict {
  if (condition.kind === "absence") return absence(condition, state, seen);
  if (seen.value === undefined) return gone(state, seen.at);
  const observed = { ...state, seenAt: seen.at };
  const value = seen.value;
  switch (condition.kind) {
    case "threshold":
      return threshold(condition, observed, seen.at, value);
    case "rate":
      return rate(condition, observed, seen.at, value);
    case "anomaly":
      return anomaly(condition, observed, seen.at, value);
  }
}

type Of<Kind extends MetricCondition["kind"]> = Extract<MetricCondition, { kind: Kind }>;

function threshold(
  { direction, value: limit, clearValue = limit, forSeconds }: Of<"threshold">,
  state: SeriesState,
  at: number,
  value: number,
): Verdict {
  const isBeyond = (bound: number) => (direction === "above" ? value > bound : value < bound);
  return turn(state, at, isBeyond(state.isFiring ? clearValue : limit), forSeconds);
}

function absence({ forSeconds }: Of<"absence">, state: SeriesState, { at, value }: Observation): Verdict {
  if (value !== undefined) return turn({ ...state, seenAt: at }, at, false, 0);
  // A clock that was set back makes nothing absent for longer.
  const seenAt = Math.min(state.seenAt, at);
  return turn({ ...state, seenAt }, at, at - seenAt >= forSeconds * MS_PER_SECOND, 0);
}

function rate(
  { direction, change, windowSeconds }: Of<"rate">,
  state: SeriesState,
  at: number,
  value: number,
): Verdict {
  const recent = remember(state, at, value, windowSeconds);
  const values = recent.map((one) => one.value);
  const moved = direction === "rise" ? value - Math.min(...values) : Math.max(...values) - value;
  return turn({ ...state, recent }, at, moved >= change, 0);
}

function anomaly(
  { sensitivity, windowSeconds, forSeconds }: Of<"anomaly">,
  state: SeriesState,
  at: number,
  value: number,
): Verdict {
  const history = state.recent.map((one) => one.value);
  const isUnusual = history.length >= LEAST_HISTORY && Math.abs(robustZ(history, value)) >= sensitivity;
  return turn({ ...state, recent: remember(state, at, value, windowSeconds) }, at, isUnusual, forSeconds);
}

/** Begins to fire when the condition has held for long enough, and ends at the first observation without it. */
function turn(state: SeriesState, at: number, holds: boolean, forSeconds: number): Verdict {
  if (!holds) {
    const over = { ...state, since: undefined, isFiring: false };
    return state.isFiring ? { state: over, turned: "resolved" } : { state: over };
  }
  const since = Math.min(state.since ?? at, at);
  const isFiring = state.isFiring || at - since >= forSeconds * MS_PER_SECOND;
  const next = { ...state, since, isFiring };
  return isFiring && !state.isFiring ? { state: next, turned: "firing" } : { state: next };
}

function gone(state: SeriesState, at: number): Verdict {
  const seenAt = Math.min(state.seenAt, at);
  const isOver = at - seenAt >= GONE_MS;
  if (!isOver) return { state: { ...state, seenAt, since: undefined } };
  return turn({ ...state, seenAt }, at, false, 0);
}

function remember(
  { recent }: SeriesState,
  at: number,
  value: number,
  windowSeconds: number,
): SeriesState["recent"] {
  const windowMs = windowSeconds * MS_PER_SECOND;
  // What lies ahead was taken before the clock was set back.
  const within = recent.filter((one) => one.at > at - windowMs && one.at <= at);
  const last = within.at(-1);
  const isDense = last !== undefined && at - last.at < windowMs / MAX_RECENT;
  return isDense ? within : [...within, { at, value }];
}
