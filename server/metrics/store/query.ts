import type { Rollups } from "../chunks/chunk.ts";
import { asRollups, chooseTier, type DrawnSeries, draw } from "../downsample.ts";
import { DAY_MS, floorTo, type Resolution, TIERS, type Tier } from "../tiers.ts";
import { readRollups, readSamples, type Sources } from "./reading.ts";
import type { StoredSeries } from "./series-registry.ts";
import type { Floors } from "./trimming.ts";

export const MAX_POINTS = 10_000;

/** What to draw: [from, to] in epoch ms, in at most `points` points a series. */
export interface SeriesQuery {
  seriesIds: readonly number[];
  from: number;
  to: number;
  points: number;
}

/** One series as drawn. */
export interface QueriedSeries extends DrawnSeries {
  series: StoredSeries;
  resolution: Resolution;
  /** The newest value of the range; `null` when it has none. */
  last: number | null;
}

/** What to export: every row of [from, to] in one resolution. */
export interface ExportQuery {
  seriesIds: readonly number[];
  from: number;
  to: number;
  resolution: Resolution;
}

/** Consecutive rows of one series; in the raw tier each is one sample (minimum = maximum = sum, count 1). */
export interface ExportedRows {
  series: StoredSeries;
  rows: Rollups;
}

/** Spans of time read at once for an export: a few thousand rows each. */
const EXPORT_SPAN_MS: Readonly<Record<Resolution, number>> = {
  raw: 6 * TIERS.raw.windowMs,
  "1m": 3 * DAY_MS,
  "1h": 60 * DAY_MS,
};

/** Draws one series from the tier that fits. */
export function drawSeries(
  sources: Sources,
  floors: Floors,
  series: StoredSeries,
  { from, to, points }: SeriesQuery,
): QueriedSeries {
  const tier = chooseTier(from, to, points, floors);
  const rows = readRows(sources, series, tier, from, to + 1);
  const lastRow = rows.times.at(-1);
  const last = lastRow === undefined ? null : lastValue(sources, series, tier, lastRow, to, rows);
  return { series, resolution: tier.name, last, ...draw(rows, from, to, points, tier) };
}

/** All rows of a series, a span at a time, so that memory stays bounded whatever the range. */
export function* exportSeries(
  sources: Sources,
  floors: Floors,
  series: StoredSeries,
  { from, to, resolution }: ExportQuery,
): Generator<ExportedRows> {
  const tier: Tier = TIERS[resolution];
  const spanMs = EXPORT_SPAN_MS[resolution];
  const end = Math.min(to, series.lastSeenAt) + 1;
  const earliest = Math.max(from, floors[resolution], floorTo(series.firstSeenAt, DAY_MS) - DAY_MS * 2);
  let at = tier.stepMs > 0 ? floorTo(earliest, tier.stepMs) : earliest;
  while (at < end) {
    const next = Math.min(end, floorTo(at, spanMs) + spanMs);
    const rows = readRows(sources, series, tier, at, next);
    if (rows.times.length > 0) yield { series, rows };
    at = next;
  }
}

function readRows(sources: Sources, series: StoredSeries, tier: Tier, from: number, to: number): Rollups {
  return tier.stepMs === 0
    ? asRollups(readSamples(sources, series, from, to))
    : readRollups(sources, series, tier, from, to);
}

/** Rollups do not know which value came last: the samples of their last bucket do, or else its average stands for it. */
function lastValue(
  sources: Sources,
  series: StoredSeries,
  tier: Tier,
  lastRowAt: number,
  to: number,
  rows: Rollups,
): number {
  if (tier.stepMs > 0) {
    const end = Math.min(to, lastRowAt + tier.stepMs - 1) + 1;
    const sample = readSamples(sources, series, lastRowAt, end).values.at(-1);
    if (sample !== undefined) return sample;
  }
  return (rows.sum.at(-1) ?? 0) / (rows.count.at(-1) ?? 1);
}
