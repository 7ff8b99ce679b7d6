import type { Rollups, Samples } from "./chunks/chunk.ts";
import { rollUp } from "./rollup.ts";
import { type Resolution, TIERS, type Tier } from "./tiers.ts";

/** Source steps without a sample that make a gap: one lost sample is bridged, two are shown. */
const GAP_STEPS = 2.5;
const SECOND_MS = 1_000;

/** What is drawn of one series: column-wise, ready for JSON. `null` in all three is a gap. */
export interface DrawnSeries {
  /** Width of a point: the distance of the samples, or the bucket they were gathered in. */
  stepMs: number;
  /** Epoch ms, growing: the moment of the sample, or the beginning of its bucket. */
  t: number[];
  min: (number | null)[];
  max: (number | null)[];
  avg: (number | null)[];
}

/** Time from which each tier has everything. */
export type TierFloors = Readonly<Record<Resolution, number>>;

/**
 * The coarsest tier that still has a bucket for each point, so that no more is loaded than is drawn; a coarser one
 * when that one does not reach back to `from`. When none does, the one that reaches back furthest.
 */
export function chooseTier(from: number, to: number, points: number, floors: TierFloors): Tier {
  const wantedStepMs = (to - from) / points;
  const finestFirst: readonly Tier[] = [TIERS.raw, TIERS["1m"], TIERS["1h"]];
  const fitting = finestFirst.filter((tier) => tier.stepMs <= wantedStepMs);
  const candidates = finestFirst.slice(Math.max(0, fitting.length - 1));
  const complete = candidates.find((tier) => floors[tier.name] <= from);
  if (complete) return complete;
  const reach = Math.min(...candidates.map((tier) => floors[tier.name]));
  return candidates.find((tier) => floors[tier.name] === reach) ?? TIERS["1h"];
}

/** Samples as rollups of one sample each: what drawing starts from in the raw tier. */
export function asRollups({ times, values }: Samples): Rollups {
  return { times, min: values, max: values, sum: values, count: new Float64Array(times.length).fill(1) };
}

/**
 * At most `points` points for [from, to]: the rows as they are when they are few enough, otherwise gathered in even
 * buckets that keep minimum, maximum and average. Buckets begin at multiples of their width, so that a window that
 * slides does not shimmer.
 */
export function draw(rows: Rollups, from: number, to: number, points: number, tier: Tier): DrawnSeries {
  const sourceStepMs = tier.stepMs || typicalStepMs(rows.times);
  if (rows.times.length <= points) {
    const exact = toDrawn(rows, sourceStepMs, sourceStepMs * GAP_STEPS, false);
    if (exact.t.length <= points) return exact;
  }
  const stepMs = bucketStepMs(from, to, points, tier);
  return toDrawn(rollUp(rows, stepMs), stepMs, sourceStepMs * GAP_STEPS, true);
}

/** Wide enough for `points` aligned buckets, in whole steps of the tier (whole seconds where they are raw). */
function bucketStepMs(from: number, to: number, points: number, tier: Tier): number {
  const leastMs = Math.max(1, (to - from) / Math.max(1, points - 1));
  const grainMs = tier.stepMs || (leastMs > SECOND_MS ? SECOND_MS : 1);
  return Math.ceil(leastMs / grainMs) * grainMs;
}

/** The median distance of neighbours: what the sampling interval was, whatever was lost; 0 for fewer than two. */
function typicalStepMs(times: Float64Array): number {
  if (times.length < 2) return 0;
  const gaps = new Float64Array(times.length - 1);
  for (let i = 0; i < gaps.length; i += 1) gaps[i] = (times[i + 1] ?? 0) - (times[i] ?? 0);
  return gaps.sort()[gaps.length >> 1] ?? 0;
}

/** @param fillGaps a gap has a null for each of its buckets; otherwise one */
function toDrawn(rows: Rollups, stepMs: number, gapAfterMs: number, fillGaps: boolean): DrawnSeries {
  const drawn: DrawnSeries = { stepMs, t: [], min: [], max: [], avg: [] };
  let previous = Number.POSITIVE_INFINITY;
  for (let i = 0; i < rows.times.length; i += 1) {
    const time = rows.times[i] ?? 0;
    if (time - previous > gapAfterMs) {
      const end = fillGaps ? time : Math.min(time, previous + 2 * stepMs);
      for (let missing = previous + stepMs; missing < end; missing += stepMs) pushGap(drawn, missing);
    }
    drawn.t.push(time);
    drawn.min.push(rows.min[i] ?? null);
    drawn.max.push(rows.max[i] ?? null);
    drawn.avg.push(average(rows, i));
    previous = time;
  }
  return drawn;
}

function pushGap(drawn: DrawnSeries, time: number): void {
  drawn.t.push(time);
  for (const column of [drawn.min, drawn.max, drawn.avg]) column.push(null);
}

/** Kept between the extremes: a sum of numbers near the largest double has no finite average otherwise. */
function average(rows: Rollups, i: number): number {
  const mean = (rows.sum[i] ?? 0) / (rows.count[i] ?? 1);
  return Math.min(Math.max(mean, rows.min[i] ?? mean), rows.max[i] ?? mean);
}
