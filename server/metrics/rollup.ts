import type { Rollups, Samples } from "./chunks/chunk.ts";
import { decimalsOf, powerOfTen } from "./chunks/integers.ts";
import { floorTo } from "./tiers.ts";

/** Minimum, maximum, sum and count of the samples in each bucket of `stepMs`; buckets without samples are left out. */
export function rollUpSamples({ times, values }: Samples, stepMs: number): Rollups {
  const rollups = emptyRollups(mostBuckets(times, stepMs));
  let rows = 0;
  for (let i = 0; i < times.length; rows += 1) {
    const bucketAt = floorTo(times[i] ?? 0, stepMs);
    const end = lowerBoundNear(times, i, bucketAt + stepMs);
    fillFromSamples(rollups, rows, values, i, end);
    rollups.times[rows] = bucketAt;
    i = end;
  }
  roundTo(rollups.sum, decimalsOf(values));
  return mapColumns(rollups, (column) => column.subarray(0, rows));
}

function fillFromSamples(
  rollups: Rollups,
  row: number,
  values: Float64Array,
  start: number,
  end: number,
): void {
  let [min, max, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let i = start; i < end; i += 1) {
    const value = values[i] ?? 0;
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
  }
  rollups.min[row] = min;
  rollups.max[row] = max;
  rollups.sum[row] = sum;
  rollups.count[row] = end - start;
}

/** The first index from `start` on whose number reaches `bound`, found by walking: buckets are short. */
function lowerBoundNear(sorted: Float64Array, start: number, bound: number): number {
  let i = start;
  while (i < sorted.length && (sorted[i] ?? 0) < bound) i += 1;
  return i;
}

/**
 * Joins rollups into wider buckets; exact for minimum, maximum and count. Sums of decimal numbers are rounded to the
 * decimals of their parts, which takes away what binary addition adds (0.1 + 0.2) and lets them compress.
 */
export function rollUp(fine: Rollups, stepMs: number): Rollups {
  const wide = emptyRollups(mostBuckets(fine.times, stepMs));
  let rows = 0;
  for (let i = 0; i < fine.times.length; rows += 1) i = fillBucket(wide, rows, fine, i, stepMs);
  roundTo(wide.sum, decimalsOf(fine.sum));
  return mapColumns(wide, (column) => column.subarray(0, rows));
}

/** Fills one row from the fine rows from `first` on; returns the first that belongs to the next. */
function fillBucket(wide: Rollups, row: number, fine: Rollups, first: number, stepMs: number): number {
  const bucketAt = floorTo(fine.times[first] ?? 0, stepMs);
  const end = bucketAt + stepMs;
  let [min, max, sum, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  let i = first;
  for (; i < fine.times.length && (fine.times[i] ?? 0) < end; i += 1) {
    const low = fine.min[i] ?? 0;
    const high = fine.max[i] ?? 0;
    if (low < min) min = low;
    if (high > max) max = high;
    sum += fine.sum[i] ?? 0;
    count += fine.count[i] ?? 0;
  }
  wide.times[row] = bucketAt;
  wide.min[row] = min;
  wide.max[row] = max;
  wide.sum[row] = sum;
  wide.count[row] = count;
  return i;
}

/** Rows of `rollups` whose bucket starts in [from, to). */
export function sliceRollups(rollups: Rollups, from: number, to: number): Rollups {
  const start = lowerBound(rollups.times, from);
  const end = lowerBound(rollups.times, to);
  if (start === 0 && end === rollups.times.length) return rollups;
  return mapColumns(rollups, (column) => column.subarray(start, end));
}

/** Rows of one after rows of the other; each ends before the next begins. */
export function concatRollups(parts: readonly Rollups[]): Rollups {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const joined = emptyRollups(parts.reduce((rows, part) => rows + part.times.length, 0));
  let at = 0;
  for (const part of parts) {
    for (const name of COLUMNS) joined[name].set(part[name], at);
    at += part.times.length;
  }
  return joined;
}

/** Index of the first number that is not below `bound`; `sorted` grows. */
export function lowerBound(sorted: Float64Array, bound: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

const COLUMNS = ["times", "min", "max", "sum", "count"] as const;

function emptyRollups(rows: number): Rollups {
  return {
    times: new Float64Array(rows),
    min: new Float64Array(rows),
    max: new Float64Array(rows),
    sum: new Float64Array(rows),
    count: new Float64Array(rows),
  };
}

function mapColumns(rollups: Rollups, change: (column: Float64Array) => Float64Array): Rollups {
  return {
    times: change(rollups.times),
    min: change(rollups.min),
    max: change(rollups.max),
    sum: change(rollups.sum),
    count: change(rollups.count),
  };
}

function mostBuckets(times: Float64Array, stepMs: number): number {
  const spanMs = (times.at(-1) ?? 0) - (times[0] ?? 0);
  return Math.min(times.length, Math.floor(spanMs / stepMs) + 2);
}

function roundTo(numbers: Float64Array, decimals: number | undefined): void {
  if (decimals === undefined) return;
  const power = powerOfTen(decimals);
  for (let i = 0; i < numbers.length; i += 1) numbers[i] = Math.round((numbers[i] ?? 0) * power) / power;
}
