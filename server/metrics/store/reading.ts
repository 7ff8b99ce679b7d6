import type { Connection } from "../../database/database.ts";
import { decodeRollups, decodeSamples, type Rollups, type Samples } from "../chunks/chunk.ts";
import { concatRollups, lowerBound, rollUpSamples, sliceRollups } from "../rollup.ts";
import { floorTo, TIERS, type Tier } from "../tiers.ts";
import { type ChunkDecoder, chunksBetween } from "./chunk-table.ts";
import type { Head } from "./head.ts";
import { mergeRuns, sliceSamples } from "./merge.ts";
import type { StoredSeries } from "./series-registry.ts";

/** Where samples can be: sealed in the file and open in the head. */
export interface Sources {
  reader: Connection;
  decoder: ChunkDecoder;
  head: Head;
}

/**
 * Samples with from ≤ time < to, sealed and open ones merged. While a generation is being sealed a sample can be in
 * both: of two of the same moment one counts, so that it does not matter. May be a view on the head: use it at once.
 */
export function readSamples(sources: Sources, series: StoredSeries, from: number, to: number): Samples {
  const { reader, decoder, head } = sources;
  const sealed = chunksBetween(reader, series.id, TIERS.raw, floorTo(from, TIERS.raw.windowMs), to);
  const runs = [...decoder.decodeAll(sealed, decodeSamples), ...head.runsOf(series.id)];
  return mergeRuns(runs.map((run) => sliceSamples(run, from, to)));
}

/**
 * The same samples, one window of the raw tier at a time: buckets end where windows do, and an hour fits the
 * processor's cache where a day does not.
 */
export function* readWindows(
  { reader, decoder, head }: Sources,
  series: StoredSeries,
  from: number,
  to: number,
): Generator<Samples> {
  const { windowMs } = TIERS.raw;
  const sealed = chunksBetween(reader, series.id, TIERS.raw, floorTo(from, windowMs), to);
  const rowsByWindow = Map.groupBy(sealed, (row) => floorTo(row.start_at, windowMs));
  const open = head.runsOf(series.id).map((run) => sliceSamples(run, from, to));
  const windows = new Set(rowsByWindow.keys());
  for (const run of open) addWindows(windows, run.times, windowMs);
  for (const at of [...windows].sort((a, b) => a - b)) {
    const [start, end] = [Math.max(from, at), Math.min(to, at + windowMs)];
    const runs = [...decoder.decodeAll(rowsByWindow.get(at) ?? [], decodeSamples), ...open];
    yield mergeRuns(runs.map((run) => sliceSamples(run, start, end)));
  }
}

function addWindows(windows: Set<number>, times: Float64Array, windowMs: number): void {
  for (let i = 0; i < times.length; ) {
    const at = floorTo(times[i] ?? 0, windowMs);
    windows.add(at);
    i = lowerBound(times, at + windowMs);
  }
}

/** Rollups of whole buckets from the one that holds `from` to the one before `to`: stored ones, and the rest from samples. */
export function readRollups(
  sources: Sources,
  series: StoredSeries,
  tier: Tier,
  from: number,
  to: number,
): Rollups {
  const start = floorTo(from, tier.stepMs);
  const storedEnd = Math.min(to, series.rolledUntil);
  const parts: Rollups[] = [];
  if (start < storedEnd) {
    const rows = chunksBetween(sources.reader, series.id, tier, floorTo(start, tier.windowMs), storedEnd);
    const chunks = sources.decoder.decodeAll(rows, decodeRollups);
    chunks.sort((a, b) => (a.times[0] ?? 0) - (b.times[0] ?? 0));
    for (const chunk of chunks) parts.push(sliceRollups(chunk, start, storedEnd));
  }
  if (to > series.rolledUntil) {
    for (const samples of readWindows(sources, series, Math.max(start, series.rolledUntil), to)) {
      parts.push(rollUpSamples(samples, tier.stepMs));
    }
  }
  return concatRollups(parts);
}
