import type { MetricCondition } from "../definitions/schemas.ts";
import { type Past, RecentValues } from "./recent-values.ts";

/** A value of one series, or the word that it has none; `at` in epoch milliseconds. */
export interface Observation {
  at: number;
  value: number | undefined;
  /** The values before it, for conditions that look back. */
  past?: Past | undefined;
}

/** What is remembered of one series between two observations. */
export interface SeriesState {
  isFiring: boolean;
  /** Since when the condition has held without a break. */
  since: number | undefined;
  /** When it last had a value. */
  seenAt: number;
}

/** What an observation brought. */
export interface Verdict {
  state: SeriesState;
  /** What somebody should hear: that it began or that it is over. */
  turned?: "firing" | "resolved";
}

/** A series that fires and is no longer measured is over after this. */
export const GONE_MS = 5 * 60_000;
/** An anomaly is judged against at least so many values. */
const LEAST_HISTORY = 30;
const MS_PER_SECOND = 1_000;

/** What is known of a series before its first observation. */
export const newSeriesState = (at: number, isFiring = false): SeriesState => ({
  ...{ isFiring, since: undefined, seenAt: at },
});

/** What is to be handed the values of a series for a condition; undefined for one that does not look back. */
export const recentValuesFor = (condition: MetricCondition): RecentValues | undefined =>
  condition.kind === "rate" || condition.kind === "anomaly"
    ? new RecentValues(condition.windowSeconds)
    : undefined;

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
      return rate(condition, observed, seen.at, value, seen.past);
    case "anomaly":
      return anomaly(condition, observed, seen.at, value, seen.past);
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
  { direction, change }: Of<"rate">,
  state: SeriesState,
  at: number,
  value: number,
  past: Past | undefined,
): Verdict {
  const { least = value, most = value } = past ?? {};
  return turn(state, at, (direction === "rise" ? value - least : most - value) >= change, 0);
}

function anomaly(
  { sensitivity, forSeconds }: Of<"anomaly">,
  state: SeriesState,
  at: number,
  value: number,
  past: Past | undefined,
): Verdict {
  const isUnusual =
    past !== undefined && past.count >= LEAST_HISTORY && Math.abs(past.zOf(value)) >= sensitivity;
  return turn(state, at, isUnusual, forSeconds);
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
