import type { SeriesDefinition } from "../series.ts";

/** One value of one series. The definition is made once and shared; only the pair is new each tick. */
export interface Measurement {
  readonly series: SeriesDefinition;
  readonly value: number;
}

/**
 * One source of measurements. Constructed without effects; `start` where there is something to begin (a
 * histogram), `close` gives back file descriptors and timers.
 *
 * `collect` runs on the event loop at every tick: it is quick, never waits and never throws for what cannot be
 * read just now: it returns fewer measurements, and a series that is missing is a gap. Rates need two readings,
 * so the first tick has none. Every value is finite.
 */
export interface Collector {
  readonly name: string;
  start?(): void;
  /** @param at wall time of the tick in epoch milliseconds, the same for every collector. */
  collect(at: number): readonly Measurement[];
  close?(): void;
}

/** Where a collector's figures come from, and the reason when that is not the first choice. */
export interface Availability {
  readonly name: string;
  readonly source: "procfs" | "node:os" | "unavailable";
  readonly reason?: string;
}
